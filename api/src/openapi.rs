//! The descriptions of both ports, generated from the code, and pages that show them without the internet.

use utoipa::{
    Modify, OpenApi,
    openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
};

/// The public port.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Choai",
        description = "Payments over one set of double-entry books. The paths, fields and answers are those of the documented systems; what deviates is listed in docs/surfaces.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&PublicSecurity),
)]
pub struct PublicApi;

/// The operator's port.
#[derive(OpenApi)]
#[openapi(
    info(
        title = "Choai, operator",
        description = "What runs the ledger: merchants, test clocks, the sandbox, the books. Never reachable from outside.",
        license(name = "Apache-2.0", identifier = "Apache-2.0"),
    ),
    modifiers(&OperatorSecurity),
)]
pub struct OperatorApi;

struct PublicSecurity;
struct OperatorSecurity;

impl Modify for PublicSecurity {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        bearer(api, "access_key", "A merchant's access key: a UUID, shown once when the merchant is made.");
        bearer(api, "oauth_client", "An access token of `POST /oauth/token` with `client_credentials`.");
        bearer(
            api,
            "oauth_user",
            "An access token of `POST /oauth/token` with `authorization_code` or `refresh_token`.",
        );
    }
}

impl Modify for OperatorSecurity {
    fn modify(&self, api: &mut utoipa::openapi::OpenApi) {
        bearer(
            api,
            "operator_token",
            "The token in `operator-token` in the data folder, or CHOAI_OPERATOR_TOKEN.",
        );
    }
}

fn bearer(api: &mut utoipa::openapi::OpenApi, name: &str, description: &str) {
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(description)).build();
    api.components.get_or_insert_default().add_security_scheme(name, SecurityScheme::Http(scheme));
}
