//! Turns each view into its page: picks the words, then lets the template place them.

use askama::Template;

use super::super::language::Language;
use super::methods::{Method, Prepaid, Store, TEST_CARDS};
use super::texts::Texts;
use super::trouble::{Failure, Field, FieldError, ProblemKind};
use super::{Awaiting, Bill, Kept, Outcome, Over, PartlyPaid, Pay, Problem};

impl Pay {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        if self.methods.is_empty() {
            return html(&NoMethodPage {
                frame: Frame::of_bill(t.title, &self.bill, language),
                t,
                bill: &self.bill,
            });
        }
        let notice =
            self.last_try.as_ref().map(|last_try| Notice::of(&last_try.failure, Received::Nothing, t));
        html(&PayPage {
            frame: Frame::of_bill(&t.marked(t.title, notice.is_some()), &self.bill, language),
            t,
            view: self,
            notice,
            panels: self.panels(),
            kept: self.last_try.as_ref().map(|last_try| last_try.kept.clone()).unwrap_or_default(),
        })
    }

    /// One panel per method; open is the one last tried, else the first.
    fn panels(&self) -> Vec<Panel> {
        let tried = self.last_try.as_ref().filter(|last_try| self.methods.contains(&last_try.method));
        let open = tried.map(|last_try| last_try.method).or(self.methods.first().copied());
        self.methods
            .iter()
            .map(|&method| Panel {
                method,
                open: open == Some(method),
                errors: tried
                    .filter(|last_try| last_try.method == method)
                    .map_or(vec![], |it| it.failure.errors()),
            })
            .collect()
    }
}

impl Awaiting {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        let headline = t.awaiting_title(self.method);
        html(&AwaitingPage {
            frame: Frame::of_bill(&headline, &self.bill, language),
            t,
            view: self,
            headline,
            steps: t.steps(self.method, &self.bill.amount),
            reload_url: page_url(&self.bill.payment_id, language),
        })
    }
}

impl PartlyPaid {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        let notice = self.failure.as_ref().map(|failure| Notice::of(failure, Received::Part, t));
        html(&PartlyPaidPage {
            frame: Frame::of_bill(&t.marked(t.short_title, notice.is_some()), &self.bill, language),
            t,
            view: self,
            notice,
            next: self.next.map(|card| {
                let errors = self.failure.as_ref().map_or(vec![], Failure::errors);
                (card, Panel { method: Method::Prepaid(card), open: true, errors })
            }),
        })
    }
}

impl Over {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        let (headline, note) = t.outcome(self.outcome);
        let switch_url = Some(page_url(&self.payment_id, language.other()));
        let is_web = |url: &&String| url.starts_with("https://") || url.starts_with("http://");
        html(&OverPage {
            frame: Frame { language, title: headline.to_owned(), test_mode: self.test_mode, switch_url },
            t,
            outcome: self.outcome,
            headline,
            note,
            shop_url: self.shop_url.as_ref().filter(is_web),
        })
    }
}

impl Problem {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        let (headline, note) = t.problem(self.kind);
        let url_in = |language| self.payment_id.as_deref().map(|id| page_url(id, language));
        let frame = Frame { language, title: headline.to_owned(), test_mode: false, switch_url: None };
        let link = match self.kind {
            ProblemKind::OutcomeUnknown => t.check_status,
            ProblemKind::NotFound
            | ProblemKind::Unreadable
            | ProblemKind::TooManyRequests
            | ProblemKind::Unavailable => t.open_again,
        };
        html(&ProblemPage { frame, t, headline, note, link, url: url_in(language) })
    }
}

/// What every page has around its content.
struct Frame {
    language: Language,
    title: String,
    test_mode: bool,
    /// This page in the other language.
    switch_url: Option<String>,
}

impl Frame {
    fn of_bill(title: &str, bill: &Bill, language: Language) -> Frame {
        Frame {
            language,
            title: format!("{title} | {}", bill.merchant_name),
            test_mode: bill.test_mode,
            switch_url: Some(page_url(&bill.payment_id, language.other())),
        }
    }
}

/// What is said above a form after a failed try: what happened, what to do, and short facts beside it.
struct Notice {
    headline: &'static str,
    advice: &'static str,
    facts: Vec<String>,
}

/// What had come in when a try failed: it decides what can be said of the customer's money.
#[derive(Clone, Copy)]
enum Received {
    Nothing,
    Part,
}

impl Notice {
    fn of(failure: &Failure, received: Received, t: &Texts) -> Notice {
        match failure {
            Failure::Declined { reason, attempts_left } => {
                let kept = match received {
                    Received::Nothing => t.nothing_charged,
                    Received::Part => t.nothing_taken,
                };
                let facts = std::iter::once(kept.to_owned()).chain(t.attempts_left(*attempts_left));
                Notice { headline: t.declined, advice: t.decline(*reason), facts: facts.collect() }
            }
            Failure::Invalid(_) => {
                let advice = match received {
                    Received::Nothing => t.invalid_note,
                    Received::Part => t.invalid_rest_note,
                };
                Notice { headline: t.invalid, advice, facts: vec![] }
            }
            Failure::Overtaken => Notice { headline: t.overtaken, advice: t.overtaken_note, facts: vec![] },
        }
    }
}

/// The form of one method, with the mistakes to show in it.
struct Panel {
    method: Method,
    open: bool,
    errors: Vec<FieldError>,
}

impl Panel {
    /// What is wrong with this field, if anything.
    fn error(&self, field: Field, t: &Texts) -> Option<&'static str> {
        self.errors.iter().find(|error| error.field() == field).map(|error| t.field_error(*error))
    }
}

impl Failure {
    fn errors(&self) -> Vec<FieldError> {
        match self {
            Failure::Declined { .. } | Failure::Overtaken => vec![],
            Failure::Invalid(errors) => errors.clone(),
        }
    }
}

#[derive(Template)]
#[template(path = "checkout/pay.html", whitespace = "minimize")]
struct PayPage<'a> {
    frame: Frame,
    t: &'static Texts,
    view: &'a Pay,
    notice: Option<Notice>,
    panels: Vec<Panel>,
    kept: Kept,
}

#[derive(Template)]
#[template(path = "checkout/no_method.html", whitespace = "minimize")]
struct NoMethodPage<'a> {
    frame: Frame,
    t: &'static Texts,
    bill: &'a Bill,
}

#[derive(Template)]
#[template(path = "checkout/awaiting.html", whitespace = "minimize")]
struct AwaitingPage<'a> {
    frame: Frame,
    t: &'static Texts,
    view: &'a Awaiting,
    headline: String,
    reload_url: String,
    steps: [String; 3],
}

#[derive(Template)]
#[template(path = "checkout/partly_paid.html", whitespace = "minimize")]
struct PartlyPaidPage<'a> {
    frame: Frame,
    t: &'static Texts,
    view: &'a PartlyPaid,
    notice: Option<Notice>,
    next: Option<(Prepaid, Panel)>,
}

#[derive(Template)]
#[template(path = "checkout/over.html", whitespace = "minimize")]
struct OverPage<'a> {
    frame: Frame,
    t: &'static Texts,
    outcome: Outcome,
    headline: &'static str,
    note: &'static str,
    shop_url: Option<&'a String>,
}

#[derive(Template)]
#[template(path = "checkout/problem.html", whitespace = "minimize")]
struct ProblemPage {
    frame: Frame,
    t: &'static Texts,
    headline: &'static str,
    note: &'static str,
    link: &'static str,
    url: Option<String>,
}

pub(super) fn html(template: &impl Template) -> String {
    template.render().expect("writing into a String cannot fail")
}

/// This payment's page in this language. Our ids are letters and digits; whatever else came in is left out.
fn page_url(payment_id: &str, language: Language) -> String {
    let id: String = payment_id.chars().filter(char::is_ascii_alphanumeric).collect();
    format!("/process-checkout?payment_id={id}&language={}", language.tag())
}
