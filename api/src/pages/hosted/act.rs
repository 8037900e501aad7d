//! What a customer does on the page: pay, call it off, or in test mode say that it was paid elsewhere.

use choai_engine::{
    SubmitError,
    books::Label,
    domain::{
        Rejection, StreamId,
        payment::{Command, DECLINES_MAX, DeclineReason, Means, Method, Stage},
    },
    log::Actor,
    money::Money,
};
use url::Url;

use super::{
    Answer, Visit,
    show::{Shown, decline_reason},
    typed::Form,
};
use crate::{
    pages::checkout::{methods::Store, trouble::ProblemKind},
    rails::sandbox,
};

/// How often calling off is tried against a payment that keeps changing.
const CANCEL_TRIES_MAX: usize = 5;

/// What became of a command: the payment as it stands after it.
struct Decided {
    visit: Visit,
    /// False if the payment had changed meanwhile, and nothing was done.
    done: bool,
}

impl Visit {
    /// Does what the form says, if it was filled in for the payment as it stands.
    pub(super) async fn act(self, form: &Form<'_>) -> Result<Answer, ProblemKind> {
        let revision = form.revision().map_err(|_| ProblemKind::Unreadable)?;
        let is_current = revision.is_none_or(|revision| revision == self.revision);
        match form.text("action") {
            Some("pay") => self.pay(form, is_current).await,
            Some("pay_now") if !is_current => Ok(self.page(Shown::default())),
            Some("pay_now") => self.pay_now(form).await,
            // A page of what is still to come is none of ours.
            Some("cancel") if revision.is_some_and(|revision| revision > self.revision) => {
                Ok(self.page(Shown::default()))
            }
            Some("cancel") => self.cancel(form, is_current).await,
            Some(_) | None => Err(ProblemKind::Unreadable),
        }
    }

    /// Tries to pay with what was chosen and typed. Only test mode has a rail so far.
    async fn pay(self, form: &Form<'_>, is_current: bool) -> Result<Answer, ProblemKind> {
        let method = form.text("method").and_then(Method::from_word).ok_or(ProblemKind::Unreadable)?;
        // A form sent again, by a reload or a second click: no rail is asked.
        if !is_current {
            return Ok(self.page(Shown::overtaken(method, form)));
        }
        if !self.offered().contains(&method) {
            return Ok(self.page(Shown::default()));
        }
        match method {
            Method::CreditCard => self.pay_by_card(form).await,
            Method::Konbini | Method::PayEasy | Method::BankTransfer => {
                self.pay_elsewhere(method, form).await
            }
            Method::WebMoney | Method::NetCash | Method::Nanaco | Method::BitCash => {
                self.pay_prepaid(method, form).await
            }
        }
    }

    async fn pay_by_card(self, form: &Form<'_>) -> Result<Answer, ProblemKind> {
        let card = match form.card(self.app.engine().now()) {
            Ok(card) => card,
            Err(invalid) => return Ok(self.page(Shown::invalid(Method::CreditCard, invalid, form))),
        };
        match sandbox::charge_card(&card) {
            Ok(means) => {
                let due = self.due();
                self.receive(means, due, form).await
            }
            Err(reason) => self.decline(Method::CreditCard, reason, form).await,
        }
    }

    async fn pay_elsewhere(self, method: Method, form: &Form<'_>) -> Result<Answer, ProblemKind> {
        let store = match (method == Method::Konbini).then(|| form.store()).transpose() {
            Ok(store) => store,
            Err(invalid) => return Ok(self.page(Shown::invalid(method, invalid, form))),
        };
        let payment = self.view.payment;
        let instructions = sandbox::instructions(payment, method, store.map(Store::slug));
        let means = sandbox::means(method);
        let Decided { visit, done } = self.submit(Command::Await { payment, means, instructions }).await?;
        Ok(visit.page(if done { Shown::default() } else { Shown::overtaken(method, form) }))
    }

    async fn pay_prepaid(self, method: Method, form: &Form<'_>) -> Result<Answer, ProblemKind> {
        let number = match form.prepaid_number() {
            Ok(number) => number,
            Err(invalid) => return Ok(self.page(Shown::invalid(method, invalid, form))),
        };
        let due = self.due();
        match sandbox::charge_prepaid(method, &number, due) {
            // BitCash cannot be continued with another card: what is short is not taken at all.
            Ok((_, taken)) if method == Method::BitCash && taken != due => {
                self.decline(method, DeclineReason::InsufficientFunds, form).await
            }
            Ok((means, taken)) => self.receive(means, taken, form).await,
            Err(reason) => self.decline(method, reason, form).await,
        }
    }

    /// The "pay now" button of test mode: what the konbini or the bank would report.
    async fn pay_now(self, form: &Form<'_>) -> Result<Answer, ProblemKind> {
        let means = self.view.means.filter(|_| self.view.stage == Stage::AwaitingCustomer);
        match means {
            Some(means) if means.rail == Label::SANDBOX => {
                let due = self.due();
                self.receive(means, due, form).await
            }
            Some(_) | None => Ok(self.page(Shown::default())),
        }
    }

    /// Calls it off. A decline or another choice of method since the page was made is no reason not to; money that
    /// has come in since is, and then the customer is told.
    async fn cancel(mut self, form: &Form<'_>, mut is_current: bool) -> Result<Answer, ProblemKind> {
        for _ in 0..CANCEL_TRIES_MAX {
            if !is_current && !self.is_unpaid() {
                let paid_by = self.view.means.map(|means| means.method);
                let shown = paid_by.map_or_else(Shown::default, |method| Shown::overtaken(method, form));
                return Ok(self.page(shown));
            }
            let payment = self.view.payment;
            let Decided { visit, done } = self.submit(Command::Cancel { payment }).await?;
            if done {
                // Only who has just called it off is sent on: anybody with the link may ask again.
                let back = visit.private.as_ref().map(|private| private.cancel_url.clone());
                return Ok(visit.back_or_page(back, Shown::default()));
            }
            (self, is_current) = (visit, false);
        }
        Err(ProblemKind::TooManyRequests)
    }

    /// Whether the customer has still to begin to pay.
    fn is_unpaid(&self) -> bool {
        matches!(self.view.stage, Stage::Created | Stage::AwaitingCustomer) && self.view.paid.is_zero()
    }

    /// Books what the sandbox took, unless another form was quicker: then it took nothing, for it keeps no state. A rail
    /// that moves money must not be asked before the attempt is claimed in the log, and its answer never be dropped:
    /// docs/decisions/0009.
    async fn receive(self, means: Means, amount: Money, form: &Form<'_>) -> Result<Answer, ProblemKind> {
        let payment = self.view.payment;
        let Decided { visit, done } = self.submit(Command::Receive { payment, means, amount }).await?;
        let paid = done && visit.view.stage == Stage::Captured;
        let back = visit.private.as_ref().filter(|_| paid).map(|private| private.success_url.clone());
        let shown = if done { Shown::default() } else { Shown::overtaken(means.method, form) };
        Ok(visit.back_or_page(back, shown))
    }

    async fn decline(
        self,
        method: Method,
        reason: DeclineReason,
        form: &Form<'_>,
    ) -> Result<Answer, ProblemKind> {
        let payment = self.view.payment;
        let Decided { visit, done } = self.submit(Command::Decline { payment, method, reason }).await?;
        let attempts_left = DECLINES_MAX.saturating_sub(visit.view.declines);
        Ok(visit.page(if done {
            Shown::declined(method, decline_reason(reason), attempts_left, form)
        } else {
            Shown::overtaken(method, form)
        }))
    }

    /// Submits what the customer did to the payment as it was shown, and looks again: whatever happened
    /// meanwhile is shown.
    async fn submit(self, command: Command) -> Result<Decided, ProblemKind> {
        let command = choai_engine::domain::Command::Payment(command);
        let mut envelope = self.app.envelope(Actor::Payer, Some(self.view.realm), command);
        envelope.expected = Some((StreamId::Payment(self.view.payment), Some(self.revision)));
        let done = match self.app.submit(envelope).await {
            Ok(_) => true,
            // It was paid, declined, cancelled or expired meanwhile, which the page now shows.
            Err(SubmitError::Rejected(Rejection::WrongRevision { .. } | Rejection::Payment(_))) => false,
            Err(SubmitError::Busy) => return Err(ProblemKind::TooManyRequests),
            Err(SubmitError::NoRoom) => return Err(ProblemKind::Unavailable),
            Err(error @ (SubmitError::OutcomeUnknown | SubmitError::Fault(_))) => {
                tracing::error!(%error, "nobody knows what became of a customer's command");
                return Err(ProblemKind::OutcomeUnknown);
            }
            Err(error @ (SubmitError::Rejected(_) | SubmitError::Stopped)) => {
                tracing::error!(%error, "a customer's command failed");
                return Err(ProblemKind::Unavailable);
            }
        };
        let payment = self.view.payment.to_string();
        let visit = Self::open(self.app, Some(&payment), self.language).await;
        // The command is decided. A page that cannot be read now must not let the customer believe otherwise.
        let visit = visit.map_err(|_| ProblemKind::OutcomeUnknown)?;
        Ok(Decided { visit, done })
    }

    fn back_or_page(self, back: Option<String>, shown: Shown) -> Answer {
        match back.and_then(|url| self.back(&url)) {
            Some(url) => Answer::Redirect(url),
            None => self.page(shown),
        }
    }

    /// The shop's address with `payment_id` and `custom` appended.
    fn back(&self, url: &str) -> Option<String> {
        let mut url = Url::parse(url).ok()?;
        let custom = self.private.as_ref().map_or("", |private| &private.custom);
        url.query_pairs_mut()
            .append_pair("payment_id", self.view.payment.as_str())
            .append_pair("custom", custom);
        Some(url.into())
    }
}
