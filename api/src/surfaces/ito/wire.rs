//! What goes over the wire: requests and answers as the document prints them.

use serde::Serialize;
use utoipa::ToSchema;

/// The fields of `POST /payment/process`, for the API description; bodies are read field by field.
#[derive(ToSchema)]
#[schema(as = ItoPaymentRequest)]
#[expect(dead_code, reason = "describes bodies that arrive as JSON, form or multipart alike")]
pub struct PaymentRequest {
    /// Your own identification of the payment, 1 to 255 characters.
    #[schema(example = "DFU80XZIKS")]
    custom: String,
    /// Decimal, more than zero, with at most the currency's decimals; a JSON number or a string.
    #[schema(value_type = f64, example = 280.00)]
    amount: String,
    /// `USD` unless given.
    #[schema(example = "USD")]
    currency_code: Option<String>,
    /// What is bought, at most 255 characters.
    #[schema(example = "Digital Product")]
    details: Option<String>,
    /// Where the notification goes: absolute http(s), https only in active mode.
    #[schema(example = "https://yoursite.com/web_hook.php")]
    web_hook: String,
    /// Where a customer who cancels goes.
    #[schema(example = "https://yoursite.com/cancel_url.php")]
    cancel_url: String,
    /// Where a customer who paid goes.
    #[schema(example = "https://yoursite.com/success_url.php")]
    success_url: String,
    /// The customer's e-mail address.
    #[schema(example = "buyer@example.com")]
    customer_email: String,
}

/// The field of `/payment/check-validity`.
#[derive(ToSchema)]
#[schema(as = ItoValidityRequest)]
#[expect(dead_code, reason = "describes bodies that arrive as JSON, form or multipart alike")]
pub struct ValidityRequest {
    /// As `POST /payment/process` answered it.
    #[schema(example = "AIYmQIOAz0GlmsjfhgiOeu304")]
    payment_id: String,
}

/// The answer of `POST /payment/process`.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoPaymentAnswer)]
pub struct PaymentAnswer {
    /// 200.
    #[schema(example = 200)]
    pub code: u16,
    /// `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// 25 letters and digits.
    #[schema(example = "AIYmQIOAz0GlmsjfhgiOeu304")]
    pub payment_id: String,
    /// What to do next.
    pub message: &'static str,
    /// Where the customer pays.
    pub url: String,
}

/// The answer of `/payment/check-validity`.
#[derive(Serialize, ToSchema)]
#[schema(as = ItoValidityAnswer)]
pub struct ValidityAnswer {
    /// 200.
    #[schema(example = 200)]
    pub code: u16,
    /// `ok`.
    #[schema(example = "ok")]
    pub status: &'static str,
    /// `Transaction is valid`.
    #[schema(example = "Transaction is valid")]
    pub message: &'static str,
}
