//! From a payment as the read model knows it to the page that shows it.

use axum::http::StatusCode;
use choai_engine::domain::{
    Timestamp,
    payment::{DeclineReason, InstructionKind, Method, Stage},
};
use url::Url;

use super::{Answer, Visit, typed::Form};
use crate::pages::{
    checkout::{
        Awaiting, Bill, Code, CodeLabel, Kept, LastTry, Outcome, Over, PartlyPaid, Pay,
        methods::{self, Delayed, Prepaid, Store},
        trouble::{self, Failure, FieldError},
    },
    money_text::money_text,
};

/// What a page says besides where the payment stands.
#[derive(Default)]
pub(super) struct Shown {
    status: StatusCode,
    last_try: Option<LastTry>,
}

impl Shown {
    pub(super) fn invalid(method: Method, errors: Vec<FieldError>, form: &Form<'_>) -> Self {
        Self::failed(StatusCode::UNPROCESSABLE_ENTITY, method, Failure::Invalid(errors), form)
    }

    pub(super) fn declined(
        method: Method,
        reason: trouble::DeclineReason,
        attempts_left: u8,
        form: &Form<'_>,
    ) -> Self {
        let failure = Failure::Declined { reason, attempts_left };
        Self::failed(StatusCode::PAYMENT_REQUIRED, method, failure, form)
    }

    /// Nothing was tried: the page that the form came from had been overtaken.
    pub(super) fn overtaken(method: Method, form: &Form<'_>) -> Self {
        Self::failed(StatusCode::OK, method, Failure::Overtaken, form)
    }

    fn failed(status: StatusCode, tried: Method, failure: Failure, form: &Form<'_>) -> Self {
        // Prepaid numbers and codes of no card are not kept; what is, is nothing secret.
        let kept = if tried == Method::CreditCard || tried == Method::Konbini {
            form.kept()
        } else {
            Kept::default()
        };
        Self { status, last_try: Some(LastTry { method: method(tried), failure, kept }) }
    }
}

impl Visit {
    /// The page of where the payment stands.
    pub(super) fn page(&self, shown: Shown) -> Answer {
        let html = match self.view.stage {
            Stage::Created => self.pay_page(shown.last_try),
            Stage::Pending => self.partly_paid_page(shown.last_try),
            Stage::AwaitingCustomer => self.awaiting_page(),
            Stage::Authorized => self.over_page(Outcome::Authorized),
            Stage::Captured => self.over_page(Outcome::Paid),
            Stage::Refunded => self.over_page(Outcome::Refunded),
            Stage::Cancelled => self.over_page(Outcome::Cancelled),
            Stage::Expired => self.over_page(Outcome::Expired),
            Stage::Failed => self.over_page(Outcome::Failed),
            Stage::ChargedBack => self.over_page(Outcome::ChargedBack),
        };
        Answer::Page(shown.status, html)
    }

    fn pay_page(&self, last_try: Option<LastTry>) -> String {
        let methods = self.offered().into_iter().map(method).collect();
        Pay { bill: self.bill(), expires: self.until(), methods, last_try }.render(self.language)
    }

    fn partly_paid_page(&self, last_try: Option<LastTry>) -> String {
        let next = self.offered().into_iter().find_map(brand);
        PartlyPaid {
            bill: self.bill(),
            next,
            paid: money_text(self.view.paid),
            short: money_text(self.due()),
            expires: self.until(),
            failure: last_try.map(|last| last.failure),
        }
        .render(self.language)
    }

    fn awaiting_page(&self) -> String {
        let instructions = &self.view.instructions;
        let store = instructions.iter().find(|line| line.kind == InstructionKind::Store);
        let store = store.and_then(|line| Store::from_slug(&line.value)).unwrap_or(Store::SevenEleven);
        let method = match self.view.means.map(|means| means.method) {
            Some(Method::PayEasy) => Delayed::PayEasy,
            Some(Method::BankTransfer) => Delayed::BankTransfer,
            Some(_) | None => Delayed::Konbini(store),
        };
        let codes = instructions.iter().filter_map(|line| {
            let label = code_label(line.kind)?;
            Some(Code { label, value: line.value.clone() })
        });
        let awaiting = Awaiting { bill: self.bill(), method, codes: codes.collect(), deadline: self.until() };
        awaiting.render(self.language)
    }

    /// Once it is over, only how it ended. Anybody with the link may look, so the way to the shop carries the
    /// payment's id and nothing that the shop wrote.
    fn over_page(&self, outcome: Outcome) -> String {
        let private = self.private.as_ref();
        let back = match outcome {
            Outcome::Paid | Outcome::Authorized => private.map(|private| private.success_url.as_str()),
            Outcome::Cancelled | Outcome::Expired | Outcome::Failed => {
                private.map(|private| private.cancel_url.as_str())
            }
            Outcome::Refunded | Outcome::ChargedBack => None,
        };
        let shop_url = back.and_then(|url| Url::parse(url).ok()).map(|mut url| {
            url.query_pairs_mut().append_pair("payment_id", self.view.payment.as_str());
            String::from(url)
        });
        let (payment_id, test_mode) = (self.view.payment.to_string(), self.view.realm.is_test());
        Over { payment_id, outcome, shop_url, test_mode }.render(self.language)
    }

    fn bill(&self) -> Bill {
        Bill {
            payment_id: self.view.payment.to_string(),
            revision: self.revision,
            merchant_name: self.merchant_name.clone(),
            amount: money_text(self.view.total),
            details: self.private.as_ref().and_then(|private| private.details.clone()),
            test_mode: self.view.realm.is_test(),
        }
    }

    /// The deadline in Asia/Tokyo, as both languages read it.
    fn until(&self) -> String {
        tokyo_text(self.view.deadline)
    }
}

fn tokyo_text(at: Timestamp) -> String {
    let tokyo = chrono::FixedOffset::east_opt(9 * 3_600).expect("nine hours are an offset");
    let at = chrono::DateTime::from_timestamp_micros(at.0).unwrap_or_default().with_timezone(&tokyo);
    at.format("%Y-%m-%d %H:%M JST").to_string()
}

const fn method(method: Method) -> methods::Method {
    match method {
        Method::CreditCard => methods::Method::CreditCard,
        Method::Konbini => methods::Method::Konbini,
        Method::PayEasy => methods::Method::PayEasy,
        Method::BankTransfer => methods::Method::BankTransfer,
        Method::WebMoney => methods::Method::Prepaid(Prepaid::WebMoney),
        Method::NetCash => methods::Method::Prepaid(Prepaid::NetCash),
        Method::Nanaco => methods::Method::Prepaid(Prepaid::Nanaco),
        Method::BitCash => methods::Method::Prepaid(Prepaid::BitCash),
    }
}

/// The brand of a prepaid card.
const fn brand(of: Method) -> Option<Prepaid> {
    match method(of) {
        methods::Method::Prepaid(card) => Some(card),
        methods::Method::CreditCard
        | methods::Method::Konbini
        | methods::Method::PayEasy
        | methods::Method::BankTransfer => None,
    }
}

/// Whether a payment begun this way can go on with another number.
pub(super) fn can_continue(begun_with: Method) -> bool {
    brand(begun_with).is_some_and(Prepaid::can_continue)
}

/// The store is named by its own heading, not as a code.
const fn code_label(kind: InstructionKind) -> Option<CodeLabel> {
    Some(match kind {
        InstructionKind::Store => return None,
        InstructionKind::Receipt => CodeLabel::Receipt,
        InstructionKind::ConfirmationCode => CodeLabel::ConfirmationCode,
        InstructionKind::BankId => CodeLabel::BankId,
        InstructionKind::CustomerId => CodeLabel::CustomerId,
        InstructionKind::ConfirmationId => CodeLabel::ConfirmationId,
        InstructionKind::OrderId => CodeLabel::OrderId,
        InstructionKind::BankName => CodeLabel::BankName,
        InstructionKind::BranchName => CodeLabel::BranchName,
        InstructionKind::AccountType => CodeLabel::AccountType,
        InstructionKind::AccountNumber => CodeLabel::AccountNumber,
        InstructionKind::AccountName => CodeLabel::AccountName,
    })
}

/// The engine's reason in the page's words.
pub(super) const fn decline_reason(reason: DeclineReason) -> trouble::DeclineReason {
    use trouble::DeclineReason as Shown;
    match reason {
        DeclineReason::InsufficientFunds => Shown::InsufficientFunds,
        DeclineReason::ExceedsLimit => Shown::ExceedsLimit,
        DeclineReason::BadVerificationValue => Shown::BadVerificationValue,
        DeclineReason::CardExpired => Shown::CardExpired,
        DeclineReason::CardNotUsable => Shown::CardNotUsable,
        DeclineReason::InvalidCard => Shown::InvalidCard,
        DeclineReason::UsedNumber => Shown::UsedNumber,
        DeclineReason::InvalidNumber => Shown::InvalidNumber,
        DeclineReason::Unknown => Shown::Unknown,
    }
}
