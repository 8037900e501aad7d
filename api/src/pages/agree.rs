//! The pages on which users let an app in: views that know no engine, rendered to HTML without any script.

use askama::Template;

use super::language::Language;

/// What the app asked, field by field: every form carries it along.
pub type AskedFields = Vec<(&'static str, String)>;

/// Somebody is to log in first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogIn {
    /// What the app is called.
    pub app: String,
    /// Whose app it is.
    pub tenant: String,
    /// What it asked.
    pub asked: AskedFields,
    /// The address typed before, if there was one.
    pub email: String,
    /// What was wrong with the last try.
    pub trouble: Option<Trouble>,
}

/// Why a login led nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No such address, or not that password: which is told to nobody.
    Wrong,
    /// Too many tries.
    TooMany,
}

/// Somebody who is logged in is to agree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Consent {
    /// What the app is called.
    pub app: String,
    /// Whose app it is.
    pub tenant: String,
    /// What it asked.
    pub asked: AskedFields,
    /// Who is logged in.
    pub name: String,
    /// Where they are sent back to.
    pub host: String,
}

/// A user is to set a password.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetPassword {
    /// Of the link.
    pub token: String,
    /// What was wrong with the last try.
    pub trouble: Option<PasswordTrouble>,
}

/// Why a password was not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PasswordTrouble {
    /// Too short or too long.
    Length,
    /// Too many at once.
    TooMany,
}

/// A page with nothing to do on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Problem {
    /// The app, or where it wants people sent, is not known.
    App,
    /// The request came from elsewhere, or cannot be read.
    Request,
    /// Too many at once.
    TooMany,
    /// Not now.
    Unavailable,
    /// A link that was used, or is too old.
    Link,
    /// A password was set, which is none.
    PasswordSet,
}

impl LogIn {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        let notice = self.trouble.map(|trouble| match trouble {
            Trouble::Wrong => t.wrong,
            Trouble::TooMany => t.too_many_tries,
        });
        html(&LogInPage {
            frame: Frame::of_asked(t.log_in, &self.asked, language),
            t,
            app: &self.app,
            tenant: &self.tenant,
            asked: &self.asked,
            email: &self.email,
            notice,
        })
    }
}

impl Consent {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        html(&ConsentPage {
            frame: Frame::of_asked(t.asks, &self.asked, language),
            t,
            app: &self.app,
            tenant: &self.tenant,
            asked: &self.asked,
            name: &self.name,
            host: &self.host,
        })
    }
}

impl SetPassword {
    /// The page as HTML.
    pub fn render(&self, language: Language) -> String {
        let t = Texts::of(language);
        let notice = self.trouble.map(|trouble| match trouble {
            PasswordTrouble::Length => t.new_password_hint,
            PasswordTrouble::TooMany => t.busy_note,
        });
        let frame = Frame { language, title: t.set_password, switch_url: None };
        html(&SetPasswordPage { frame, t, token: &self.token, notice })
    }
}

impl Problem {
    /// The page as HTML; `detail` is for whoever wrote the app.
    pub fn render(self, detail: Option<&str>, language: Language) -> String {
        let t = Texts::of(language);
        let (headline, note) = match self {
            Self::App => (t.unknown_app, t.unknown_app_note),
            Self::Request => (t.unreadable, t.unreadable_note),
            Self::TooMany => (t.busy, t.busy_note),
            Self::Unavailable => (t.unavailable, t.unavailable_note),
            Self::Link => (t.used_link, t.used_link_note),
            Self::PasswordSet => (t.password_set, t.password_set_note),
        };
        html(&ProblemPage {
            frame: Frame { language, title: headline, switch_url: None },
            t,
            headline,
            note,
            detail,
        })
    }
}

/// What every page has around its content.
struct Frame {
    language: Language,
    title: &'static str,
    switch_url: Option<String>,
}

impl Frame {
    fn of_asked(title: &'static str, asked: &AskedFields, language: Language) -> Self {
        let mut query = url::form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(asked.iter().filter(|(name, _)| *name != "language"));
        query.append_pair("language", language.other().tag());
        Self { language, title, switch_url: Some(format!("/oauth/authorize?{}", query.finish())) }
    }
}

#[derive(Template)]
#[template(path = "agree/login.html", whitespace = "minimize")]
struct LogInPage<'a> {
    frame: Frame,
    t: &'static Texts,
    app: &'a str,
    tenant: &'a str,
    asked: &'a AskedFields,
    email: &'a str,
    notice: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "agree/consent.html", whitespace = "minimize")]
struct ConsentPage<'a> {
    frame: Frame,
    t: &'static Texts,
    app: &'a str,
    tenant: &'a str,
    asked: &'a AskedFields,
    name: &'a str,
    host: &'a str,
}

#[derive(Template)]
#[template(path = "agree/password.html", whitespace = "minimize")]
struct SetPasswordPage<'a> {
    frame: Frame,
    t: &'static Texts,
    token: &'a str,
    notice: Option<&'static str>,
}

#[derive(Template)]
#[template(path = "agree/problem.html", whitespace = "minimize")]
struct ProblemPage<'a> {
    frame: Frame,
    t: &'static Texts,
    headline: &'static str,
    note: &'static str,
    detail: Option<&'a str>,
}

fn html(template: &impl Template) -> String {
    template.render().expect("writing into a String cannot fail")
}

/// Every word on these pages, in one language.
struct Texts {
    service: &'static str,
    log_in: &'static str,
    log_in_for: &'static str,
    with: &'static str,
    email: &'static str,
    password: &'static str,
    back: &'static str,
    wrong: &'static str,
    too_many_tries: &'static str,
    asks: &'static str,
    you: &'static str,
    may: &'static str,
    may_read: &'static str,
    may_kyc: &'static str,
    may_cards: &'static str,
    may_not: &'static str,
    may_not_what: &'static str,
    allow: &'static str,
    deny: &'static str,
    sent_back: &'static str,
    not_you: &'static str,
    unknown_app: &'static str,
    unknown_app_note: &'static str,
    unreadable: &'static str,
    unreadable_note: &'static str,
    busy: &'static str,
    busy_note: &'static str,
    unavailable: &'static str,
    unavailable_note: &'static str,
    set_password: &'static str,
    new_password: &'static str,
    new_password_hint: &'static str,
    save_password: &'static str,
    used_link: &'static str,
    used_link_note: &'static str,
    password_set: &'static str,
    password_set_note: &'static str,
}

impl Texts {
    const fn of(language: Language) -> &'static Self {
        match language {
            Language::Japanese => &JAPANESE,
            Language::English => &ENGLISH,
        }
    }
}

const JAPANESE: Texts = Texts {
    service: "決済サービス 帳合",
    log_in: "ログイン",
    log_in_for: "ログインして続ける",
    with: "提供元",
    email: "メールアドレス",
    password: "パスワード",
    back: "キャンセルしてアプリに戻る",
    wrong: "メールアドレスまたはパスワードが正しくありません。",
    too_many_tries: "ログインの試行回数が多すぎます。しばらくしてからもう一度お試しください。",
    asks: "アクセスの許可",
    you: "アカウント",
    may: "このアプリに許可する内容",
    may_read: "氏名・連絡先・残高・取引履歴・カード（下4桁のみ）の表示",
    may_kyc: "本人確認書類の入力と提出",
    may_cards: "カードの発行申し込み",
    may_not: "許可されない内容",
    may_not_what: "送金、出金、パスワードの変更、カード番号の表示はできません。",
    allow: "許可する",
    deny: "許可しない",
    sent_back: "次の宛先に戻ります：",
    not_you: "別のアカウントでログインする",
    unknown_app: "このアプリは利用できません",
    unknown_app_note: "アプリの設定に誤りがあります。アプリの提供元にお問い合わせください。",
    unreadable: "このリクエストは受け付けられません",
    unreadable_note: "アプリに戻って、もう一度お試しください。",
    busy: "ただいま混み合っています",
    busy_note: "しばらくしてからもう一度お試しください。",
    unavailable: "ただいまご利用いただけません",
    unavailable_note: "しばらくしてからもう一度お試しください。",
    set_password: "パスワードの設定",
    new_password: "新しいパスワード",
    new_password_hint: "8文字以上128文字以内で入力してください。",
    save_password: "設定する",
    used_link: "このリンクは利用できません",
    used_link_note: "すでに使用されたか、有効期限が切れています。",
    password_set: "パスワードを設定しました",
    password_set_note: "新しいパスワードでログインできます。",
};

const ENGLISH: Texts = Texts {
    service: "Accounts by Choai",
    log_in: "Log in",
    log_in_for: "Log in to continue to",
    with: "By",
    email: "E-mail address",
    password: "Password",
    back: "Cancel and return to the app",
    wrong: "The e-mail address or the password is not right.",
    too_many_tries: "Too many tries. Wait a little, then try again.",
    asks: "Allow access",
    you: "Your account",
    may: "This app will be able to",
    may_read: "See your name, contact details, balances, transactions and cards (last four digits only)",
    may_kyc: "Fill in and submit your identity check",
    may_cards: "Apply for a card",
    may_not: "It will not be able to",
    may_not_what: "Send or withdraw money, change your password, or see a card number.",
    allow: "Allow",
    deny: "Do not allow",
    sent_back: "You will be sent back to",
    not_you: "Log in with another account",
    unknown_app: "This app cannot be used",
    unknown_app_note: "It is not set up correctly. Whoever provides it can help.",
    unreadable: "This request was not accepted",
    unreadable_note: "Go back to the app and try again.",
    busy: "Too many requests at the moment",
    busy_note: "Wait a little, then try again.",
    unavailable: "Not available at the moment",
    unavailable_note: "Wait a little, then try again.",
    set_password: "Set your password",
    new_password: "New password",
    new_password_hint: "It must have 8 to 128 characters.",
    save_password: "Save",
    used_link: "This link does not work",
    used_link_note: "It was used before, or is too old.",
    password_set: "Your password is set",
    password_set_note: "You can log in with it from now on.",
};
