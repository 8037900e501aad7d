//! Every word on the hosted payment page, in both languages side by side.

use super::super::language::Language;
use super::methods::{Delayed, Method, Prepaid, Store, TestResult};
use super::trouble::{DeclineReason, FieldError, ProblemKind};
use super::{CodeLabel, Outcome};

/// Declares [`Texts`] and its two instances, so that no text can lack a language.
macro_rules! texts {
    ($($name:ident: $japanese:literal, $english:literal;)*) => {
        /// The texts of one language. `{name}` marks what [`fill`] puts in.
        pub(super) struct Texts { $(pub(super) $name: &'static str,)* }

        const JAPANESE: Texts = Texts { $($name: $japanese,)* };
        const ENGLISH: Texts = Texts { $($name: $english,)* };

        #[cfg(test)]
        const PAIRS: &[(&str, &str, &str)] = &[$((stringify!($name), $japanese, $english),)*];
    };
}

texts! {
    // The frame.
    title: "お支払い", "Checkout";
    title_error: "エラー：{title}", "Error: {title}";
    ribbon: "テスト環境", "Test mode";
    ribbon_note: "実際の請求は発生しません", "No real money moves";
    service: "決済サービス 帳合", "Payments by Choai";

    // What is to be paid.
    pay_to: "お支払い先", "Pay to";
    amount: "お支払い金額", "Amount";
    details: "ご購入内容", "For";
    expires: "お手続き期限", "Complete by";
    pay_by: "お支払い期限", "Pay by";

    // The choice of a method.
    methods: "お支払い方法", "Payment method";
    card: "クレジットカード", "Credit card";
    card_hint: "Visa、Mastercard、JCB、American Express、Diners Club", "Visa, Mastercard, JCB, American Express, Diners Club";
    konbini: "コンビニ払い", "Convenience store";
    konbini_hint: "店頭で現金払い", "Pay in cash at the store";
    pay_easy: "ペイジー（Pay-easy）", "Pay-easy";
    pay_easy_hint: "ATM・インターネットバンキング", "ATM or online banking";
    bank_transfer: "銀行振込", "Bank transfer";
    bank_transfer_hint: "指定口座へのお振り込み", "Transfer to a Japanese account";
    prepaid_hint: "プリペイド番号でお支払い", "Pay with a prepaid number";
    cancel: "キャンセルしてショップに戻る", "Cancel and return to the shop";

    // The card form.
    number: "カード番号", "Card number";
    expiry: "有効期限", "Expiry date";
    month: "月", "Month";
    month_mark: "月（MM）", "MM";
    year: "年", "Year";
    year_mark: "年（YY）", "YY";
    verification_value: "セキュリティコード", "Security code";
    verification_value_hint: "裏面の3桁（American Expressは表面の4桁）", "3 digits on the back, or 4 on the front of an American Express";
    name: "カード名義人", "Name on card";
    name_hint: "カードに記載のとおり、半角ローマ字で", "As printed on the card";
    card_not_stored: "カード番号とセキュリティコードは保存されません。", "Your card number and security code are not stored.";
    pay: "{amount} を支払う", "Pay {amount}";

    // The other forms.
    konbini_intro: "お支払い番号を発行します。期限は発行日の3日後です。", "You will get a payment number to use at the store within 3 days.";
    store: "ご利用になるコンビニ", "Which store?";
    konbini_go: "お支払い番号を発行する", "Get a payment number";
    pay_easy_intro: "お支払いに必要な番号を発行します。期限は発行日の10日後です。ペイジー対応のATM、またはインターネットバンキングでお支払いください。", "You will get the numbers to enter at an ATM or in online banking with the Pay-easy mark. Please pay within 10 days.";
    pay_easy_go: "お支払い番号を発行する", "Get the payment numbers";
    bank_transfer_intro: "お振込先の口座をご案内します。期限は14日後です。ご入金の確認は銀行営業時間内となります。", "You will get the account to transfer to. Please pay within 14 days. Transfers are confirmed during banking hours in Japan.";
    bank_transfer_go: "お振込先を表示する", "Show the account";
    prepaid_number: "プリペイド番号", "Prepaid number";
    prepaid_number_hint: "カードに記載の16文字", "The 16 characters on the card";
    prepaid_continues: "残高が足りない場合は、続けて別の番号で不足分をお支払いいただけます。", "If its balance is too low, you can pay the rest with another number.";
    prepaid_once: "お支払い金額以上の残高がある番号をご利用ください。残高の合算は、BitCashのウェブサイトで行えます。", "The balance must cover the whole amount. Balances can be merged on the BitCash website.";

    // The documents' test numbers.
    test_cards: "テスト用のカード番号", "Test card numbers";
    test_cards_note: "有効期限には将来の年月を、セキュリティコードには任意の数字をご入力ください。", "Use any expiry date in the future and any security code.";
    test_prepaid: "テスト用のプリペイド番号", "Test prepaid numbers";
    test_number: "番号", "Number";
    test_result: "結果", "Result";
    result_paid: "成功（{brand}）", "Paid ({brand})";
    result_insufficient_funds: "残高不足", "Insufficient funds";
    result_exceeds_limit: "利用限度額の超過", "Exceeds the card’s limit";
    result_verification_value: "セキュリティコードの誤り", "Wrong security code";
    result_card_expired: "有効期限切れ", "Card expired";
    result_card_not_usable: "利用できないカード", "Card cannot be used";
    result_invalid_card: "無効なカード", "Invalid card";
    result_2000_yen: "残高2,000円", "Balance of ¥2,000";
    result_invalid_number: "無効な番号", "Invalid number";
    result_used_number: "使用済みの番号", "Number already used";
    result_unknown: "原因不明のエラー", "Unknown error";

    // A try that failed.
    declined: "お支払いを完了できませんでした", "Your payment did not go through";
    decline_insufficient_funds: "残高またはご利用可能額が不足しています。別のカードか、ほかのお支払い方法をお試しください。", "There is not enough money available. Please try another card or payment method.";
    decline_exceeds_limit: "カードのご利用限度額を超えています。別のカードか、ほかのお支払い方法をお試しください。", "The amount is above the card’s limit. Please try another card or payment method.";
    decline_verification_value: "セキュリティコードが正しくありません。カードをご確認のうえ、もう一度ご入力ください。", "The security code is not right. Please check your card and enter it again.";
    decline_card_expired: "カードの有効期限が切れています。別のカードをご利用ください。", "The card has expired. Please use another card.";
    decline_card_not_usable: "このカードはご利用いただけません。別のカードをお試しいただくか、カード会社へお問い合わせください。", "This card cannot be used here. Please try another card, or ask your card company.";
    decline_invalid_card: "有効なカードとして確認できませんでした。入力内容をご確認いただくか、別のカードをお試しください。", "The card could not be recognised. Please check what you entered, or try another card.";
    decline_used_number: "このプリペイド番号はすでに使用されています。別の番号をご入力ください。", "This prepaid number has already been used. Please enter another one.";
    decline_invalid_number: "プリペイド番号が正しくありません。番号をご確認のうえ、もう一度ご入力ください。", "The prepaid number is not right. Please check it and enter it again.";
    decline_unknown: "理由は確認できませんでした。少し時間をおいてお試しいただくか、ほかのお支払い方法をご利用ください。", "We were not told why. Please try again in a moment, or use another payment method.";
    nothing_charged: "今回の請求は発生していません。", "You have not been charged.";
    nothing_taken: "この番号からの引き落としは行われていません。", "Nothing was taken from this number.";
    attempts_left_one: "お試しいただけるのは、あと1回です。", "You can try once more.";
    attempts_left: "あと{count}回お試しいただけます。", "You can try {count} more times.";
    invalid: "入力内容をご確認ください", "Please check what you entered";
    invalid_note: "お支払いはまだ行われていません。", "Nothing has been paid yet.";
    invalid_rest_note: "残りのお支払いはまだ行われていません。", "The rest has not been paid yet.";
    overtaken: "お支払いの状況が変わりました", "This payment has changed";
    overtaken_note: "ページを開いた後に、お支払いの状況が変わりました。現在の内容をご確認のうえ、お手続きください。", "It has moved on since you opened the page. Please check where it stands before you go on.";
    number_missing: "カード番号をご入力ください。", "Enter the card number.";
    number_invalid: "カード番号に誤りがあります。もう一度ご確認ください。", "This card number is not right. Please check the digits.";
    expiry_missing: "有効期限の月と年をご入力ください。", "Enter the month and year.";
    expiry_invalid: "有効期限は、12 / 30 のように月と年の数字でご入力ください。", "Enter the month and year as numbers, like 12 / 30.";
    expiry_past: "有効期限が過ぎています。別のカードをご利用ください。", "This date has passed. Please use another card.";
    verification_value_invalid: "セキュリティコードは3桁または4桁の数字でご入力ください。", "Enter the 3 or 4 digits of the security code.";
    name_missing: "カード名義人をご入力ください。", "Enter the name on the card.";
    name_too_long: "カード名義人が長すぎます。", "This name is too long.";
    store_missing: "コンビニをお選びください。", "Choose a store.";
    prepaid_number_invalid: "プリペイド番号は16文字でご入力ください。", "Enter the 16 characters of the prepaid number.";

    // The stores, as the document names them. Source: komoju-v1.txt, "Convenience Stores".
    circle_k: "サークルK", "Circle K";
    daily_yamazaki: "デイリーヤマザキ", "Daily Yamazaki";
    family_mart: "ファミリーマート", "Family Mart";
    lawson: "ローソン", "Lawson";
    ministop: "ミニストップ", "Ministop";
    seven_eleven: "セブンイレブン", "7-Eleven";
    sunkus: "サンクス", "Sunkus";

    // Waiting for a payment made elsewhere.
    konbini_title: "{store}でお支払いください", "Pay at {store}";
    pay_easy_title: "ペイジーでお支払いください", "Pay with Pay-easy";
    bank_transfer_title: "下記の口座へお振り込みください", "Transfer to the account below";
    receipt: "受付番号", "Receipt number";
    konbini_confirmation_code: "確認番号", "Confirmation code";
    bank_id: "収納機関番号", "Biller number (収納機関番号)";
    customer_id: "お客様番号", "Customer number (お客様番号)";
    confirmation_id: "確認番号", "Confirmation number (確認番号)";
    order_id: "振込依頼人名", "Remitter’s name (振込依頼人名)";
    bank_name: "銀行名", "Bank";
    branch_name: "支店名", "Branch";
    account_type: "口座種別", "Account type";
    account_number: "口座番号", "Account number";
    account_name: "口座名義", "Account name";
    steps: "お支払いの手順", "How to pay";
    at_terminal_1: "店内の端末「{terminal}」に、上記の番号を入力します。", "Enter the number above at the “{terminal}” terminal in the store.";
    at_terminal_2: "印刷された申込券を、レジにお持ちください。", "Take the printed slip to the till.";
    terminal: "マルチメディア端末", "multimedia";
    multi_copy: "マルチコピー機", "Multi Copy (マルチコピー機)";
    at_register_1: "レジで「インターネット代金の支払い」とお伝えください。", "Tell the cashier you are paying an internet bill (「インターネット代金の支払い」).";
    at_register_2: "上記の番号を、スタッフに見せるか、画面に入力してください。", "Show the number above, or enter it on the screen at the till.";
    at_store_3: "{amount}を現金でお支払いください。", "Pay {amount} in cash.";
    pay_easy_1: "ペイジー対応のATM、またはインターネットバンキングで「税金・料金払込」を選びます。", "At an ATM or in online banking with the Pay-easy mark, choose 「税金・料金払込」 (taxes and bills).";
    pay_easy_2: "上記の番号を順に入力します。", "Enter the numbers above, in this order.";
    pay_easy_3: "金額が{amount}であることを確認し、お支払いください。", "Check that the amount is {amount}, and pay.";
    bank_transfer_1: "上記の口座へ、{amount}をお振り込みください。", "Transfer {amount} to the account above.";
    bank_transfer_2: "振込依頼人名には、お名前ではなく上記の番号をご入力ください。ご入金の確認に必要です。", "As the remitter’s name enter the number above, not your own name. We need it to find your payment.";
    bank_transfer_3: "ご入金の確認は、銀行営業時間内となります。", "Transfers are confirmed during banking hours in Japan.";
    reload: "お支払い状況を更新する", "Check for the payment";
    reload_note: "ご入金の確認が済むと、このページの表示が変わります。", "This page changes once your payment has been confirmed.";
    pay_now: "入金済みにする", "Pay now";
    pay_now_title: "テスト環境での操作", "In test mode";
    pay_now_note: "お客様が期限内にお支払いになった場合の動作を確認できます。", "See what happens when the customer pays in time.";
    cancel_ask: "このお支払いをキャンセルする", "Cancel this payment";
    cancel_awaiting_note: "キャンセルすると、上記の番号ではお支払いいただけなくなります。すでにお支払い済みの場合は、キャンセルしないでください。", "The details above will stop working. Do not cancel if you have already paid.";
    cancel_partly_paid_note: "すでにお支払いいただいた{paid}は、元のお支払い手段に戻ります。", "The {paid} you have already paid goes back to where it came from.";
    cancel_go: "キャンセルする", "Cancel the payment";

    // A prepaid payment still short.
    short_title: "残りのお支払い", "Pay the rest";
    short_lead: "{paid}のお支払いを受け付けました。残りは{short}です。", "We have received {paid}. {short} is still to be paid.";
    paid: "お支払い済み", "Paid so far";
    short: "残額", "Still to pay";
    another_number: "別の{method}の番号", "Another {method} number";
    no_other_number: "残りを別の番号でお支払いいただくことはできません。お手数ですが、このお支払いをキャンセルしてください。", "The rest cannot be paid with another number. Please cancel this payment.";
    another_go: "この番号で支払う", "Pay with this number";

    // Over.
    over_paid: "お支払いが完了しました", "Payment complete";
    over_paid_note: "ご利用ありがとうございました。", "Thank you. You can close this page.";
    over_authorized: "お支払いを受け付けました", "Payment authorised";
    over_authorized_note: "ショップでの確認後に、お支払いが確定します。", "It becomes final once the shop has confirmed it.";
    over_cancelled: "お支払いはキャンセルされました", "Payment cancelled";
    over_expired: "お支払い期限が過ぎました", "This payment has expired";
    over_failed: "お支払いを完了できませんでした", "Payment failed";
    over_refunded: "このお支払いは返金されました", "Payment refunded";
    over_refunded_note: "お手元に反映されるまで、数日かかる場合があります。", "It can take a few days until you see the money.";
    over_charged_back: "このお支払いは取り消されました", "Payment reversed";
    over_charged_back_note: "カード会社などへのお申し出により、取り消しとなりました。", "It was reversed through the card company or bank.";
    over_again: "お支払いには、ショップで改めてお手続きください。", "To pay, please start again from the shop.";
    to_shop: "ショップに戻る", "Back to the shop";

    // Nothing to offer, and pages about no payment at all.
    no_method: "ご利用いただけるお支払い方法がありません", "No payment method yet";
    no_method_note: "このショップでは、お支払い方法の設定がまだ済んでいません。お手数ですが、ショップへお問い合わせください。", "This shop has not switched on any payment method yet. Please contact the shop.";
    not_found: "お支払いページが見つかりません", "Payment page not found";
    not_found_note: "リンクが途中で切れていないかご確認ください。ご不明な点は、ショップへお問い合わせください。", "Please check that the link is complete, or ask the shop for a new one.";
    unreadable: "送信内容を確認できませんでした", "We could not read that";
    unreadable_note: "お支払いページを開き直して、現在の状況をご確認ください。", "Please open the payment page again and see where it stands.";
    too_many_requests: "短時間に操作が繰り返されました", "Too many requests";
    too_many_requests_note: "しばらく時間をおいてから、もう一度お試しください。", "Please wait a moment, then try again.";
    unavailable: "ただいまご利用いただけません", "Temporarily unavailable";
    unavailable_note: "しばらく時間をおいてから、もう一度お試しください。", "Please try again in a little while.";
    outcome_unknown: "お支払いの結果を確認できませんでした", "We could not confirm your payment";
    outcome_unknown_note: "お支払いが済んでいる可能性があります。二重のお支払いを防ぐため、先に現在の状況をご確認ください。", "It may have gone through. To avoid paying twice, please check its status first.";
    open_again: "お支払いページを開く", "Open the payment page";
    check_status: "現在の状況を確認する", "Check the status";
}

/// Puts `value` in place of `{name}`.
fn fill(text: &str, name: &str, value: &str) -> String {
    text.replace(&format!("{{{name}}}"), value)
}

impl Texts {
    /// The texts in this language.
    pub(super) fn of(language: Language) -> &'static Texts {
        match language {
            Language::Japanese => &JAPANESE,
            Language::English => &ENGLISH,
        }
    }

    pub(super) fn method(&self, method: &Method) -> &'static str {
        match method {
            Method::CreditCard => self.card,
            Method::Konbini => self.konbini,
            Method::PayEasy => self.pay_easy,
            Method::BankTransfer => self.bank_transfer,
            Method::Prepaid(card) => self.prepaid(card),
        }
    }

    /// A brand's own spelling, the same in both languages.
    pub(super) fn prepaid(&self, card: &Prepaid) -> &'static str {
        match card {
            Prepaid::WebMoney => "WebMoney",
            Prepaid::NetCash => "NET CASH",
            Prepaid::Nanaco => "nanaco",
            Prepaid::BitCash => "BitCash",
        }
    }

    pub(super) fn method_hint(&self, method: &Method) -> &'static str {
        match method {
            Method::CreditCard => self.card_hint,
            Method::Konbini => self.konbini_hint,
            Method::PayEasy => self.pay_easy_hint,
            Method::BankTransfer => self.bank_transfer_hint,
            Method::Prepaid(_) => self.prepaid_hint,
        }
    }

    pub(super) fn decline(&self, reason: DeclineReason) -> &'static str {
        match reason {
            DeclineReason::InsufficientFunds => self.decline_insufficient_funds,
            DeclineReason::ExceedsLimit => self.decline_exceeds_limit,
            DeclineReason::BadVerificationValue => self.decline_verification_value,
            DeclineReason::CardExpired => self.decline_card_expired,
            DeclineReason::CardNotUsable => self.decline_card_not_usable,
            DeclineReason::InvalidCard => self.decline_invalid_card,
            DeclineReason::UsedNumber => self.decline_used_number,
            DeclineReason::InvalidNumber => self.decline_invalid_number,
            DeclineReason::Unknown => self.decline_unknown,
        }
    }

    /// How often the customer may still try; `None` if nothing needs saying.
    pub(super) fn attempts_left(&self, count: u8) -> Option<String> {
        match count {
            0 => None,
            1 => Some(self.attempts_left_one.to_owned()),
            more => Some(fill(self.attempts_left, "count", &more.to_string())),
        }
    }

    pub(super) fn field_error(&self, error: FieldError) -> &'static str {
        match error {
            FieldError::NumberMissing => self.number_missing,
            FieldError::NumberInvalid => self.number_invalid,
            FieldError::ExpiryMissing => self.expiry_missing,
            FieldError::ExpiryInvalid => self.expiry_invalid,
            FieldError::ExpiryPast => self.expiry_past,
            FieldError::VerificationValueInvalid => self.verification_value_invalid,
            FieldError::NameMissing => self.name_missing,
            FieldError::NameTooLong => self.name_too_long,
            FieldError::StoreMissing => self.store_missing,
            FieldError::PrepaidNumberInvalid => self.prepaid_number_invalid,
        }
    }

    pub(super) fn test_result(&self, result: &TestResult) -> String {
        let text = match result {
            TestResult::Paid(brand) => return fill(self.result_paid, "brand", brand),
            TestResult::InsufficientFunds => self.result_insufficient_funds,
            TestResult::ExceedsLimit => self.result_exceeds_limit,
            TestResult::BadVerificationValue => self.result_verification_value,
            TestResult::CardExpired => self.result_card_expired,
            TestResult::CardNotUsable => self.result_card_not_usable,
            TestResult::InvalidCard => self.result_invalid_card,
            TestResult::Holds2000Yen => self.result_2000_yen,
            TestResult::InvalidNumber => self.result_invalid_number,
            TestResult::UsedNumber => self.result_used_number,
            TestResult::Unknown => self.result_unknown,
        };
        text.to_owned()
    }

    pub(super) fn code_label(&self, label: &CodeLabel) -> &'static str {
        match label {
            CodeLabel::Receipt => self.receipt,
            CodeLabel::ConfirmationCode => self.konbini_confirmation_code,
            CodeLabel::BankId => self.bank_id,
            CodeLabel::CustomerId => self.customer_id,
            CodeLabel::ConfirmationId => self.confirmation_id,
            CodeLabel::OrderId => self.order_id,
            CodeLabel::BankName => self.bank_name,
            CodeLabel::BranchName => self.branch_name,
            CodeLabel::AccountType => self.account_type,
            CodeLabel::AccountNumber => self.account_number,
            CodeLabel::AccountName => self.account_name,
        }
    }

    pub(super) fn store(&self, store: &Store) -> &'static str {
        match store {
            Store::CircleK => self.circle_k,
            Store::DailyYamazaki => self.daily_yamazaki,
            Store::FamilyMart => self.family_mart,
            Store::Lawson => self.lawson,
            Store::Ministop => self.ministop,
            Store::SevenEleven => self.seven_eleven,
            Store::Sunkus => self.sunkus,
        }
    }

    /// The button that pays this amount.
    pub(super) fn pay_amount(&self, amount: &str) -> String {
        fill(self.pay, "amount", amount)
    }

    /// The label of the field for one more number.
    pub(super) fn another(&self, card: &Prepaid) -> String {
        fill(self.another_number, "method", self.prepaid(card))
    }

    /// What was received and what is missing, as a sentence.
    pub(super) fn received(&self, paid: &str, short: &str) -> String {
        fill(&fill(self.short_lead, "paid", paid), "short", short)
    }

    /// What a cancellation does to the parts already paid.
    pub(super) fn cancel_returns(&self, paid: &str) -> String {
        fill(self.cancel_partly_paid_note, "paid", paid)
    }

    /// A page's title, marked when the page reports an error.
    pub(super) fn marked(&self, title: &str, is_error: bool) -> String {
        if is_error { fill(self.title_error, "title", title) } else { title.to_owned() }
    }

    pub(super) fn awaiting_title(&self, method: Delayed) -> String {
        match method {
            Delayed::Konbini(store) => fill(self.konbini_title, "store", self.store(&store)),
            Delayed::PayEasy => self.pay_easy_title.to_owned(),
            Delayed::BankTransfer => self.bank_transfer_title.to_owned(),
        }
    }

    /// What the customer does next, step by step.
    pub(super) fn steps(&self, method: Delayed, amount: &str) -> [String; 3] {
        let paying = |text| fill(text, "amount", amount);
        let at_terminal = |terminal| {
            let first = fill(self.at_terminal_1, "terminal", terminal);
            [first, self.at_terminal_2.to_owned(), paying(self.at_store_3)]
        };
        match method {
            Delayed::Konbini(Store::Lawson | Store::Ministop) => at_terminal("Loppi"),
            Delayed::Konbini(Store::FamilyMart) => at_terminal(self.multi_copy),
            Delayed::Konbini(Store::CircleK | Store::Sunkus) => at_terminal(self.terminal),
            Delayed::Konbini(Store::SevenEleven | Store::DailyYamazaki) => {
                [self.at_register_1.to_owned(), self.at_register_2.to_owned(), paying(self.at_store_3)]
            }
            Delayed::PayEasy => {
                [self.pay_easy_1.to_owned(), self.pay_easy_2.to_owned(), paying(self.pay_easy_3)]
            }
            Delayed::BankTransfer => [
                paying(self.bank_transfer_1),
                self.bank_transfer_2.to_owned(),
                self.bank_transfer_3.to_owned(),
            ],
        }
    }

    /// The headline of a payment that is over, and the line under it.
    pub(super) fn outcome(&self, outcome: Outcome) -> (&'static str, &'static str) {
        match outcome {
            Outcome::Paid => (self.over_paid, self.over_paid_note),
            Outcome::Authorized => (self.over_authorized, self.over_authorized_note),
            Outcome::Cancelled => (self.over_cancelled, self.over_again),
            Outcome::Expired => (self.over_expired, self.over_again),
            Outcome::Failed => (self.over_failed, self.over_again),
            Outcome::Refunded => (self.over_refunded, self.over_refunded_note),
            Outcome::ChargedBack => (self.over_charged_back, self.over_charged_back_note),
        }
    }

    /// The headline of a problem, and the line under it.
    pub(super) fn problem(&self, kind: ProblemKind) -> (&'static str, &'static str) {
        match kind {
            ProblemKind::NotFound => (self.not_found, self.not_found_note),
            ProblemKind::Unreadable => (self.unreadable, self.unreadable_note),
            ProblemKind::TooManyRequests => (self.too_many_requests, self.too_many_requests_note),
            ProblemKind::Unavailable => (self.unavailable, self.unavailable_note),
            ProblemKind::OutcomeUnknown => (self.outcome_unknown, self.outcome_unknown_note),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The `{names}` in a text, sorted.
    fn blanks(text: &str) -> Vec<&str> {
        let mut names: Vec<&str> =
            text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or_default()).collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn both_languages_say_everything_and_leave_the_same_blanks() {
        for (name, japanese, english) in PAIRS {
            assert!(!japanese.is_empty() && !english.is_empty(), "{name}");
            assert_eq!(blanks(japanese), blanks(english), "{name}");
        }
    }

    #[test]
    fn each_language_keeps_its_script() {
        let is_kana_or_kanji = |c: char| ('\u{3040}'..='\u{9fff}').contains(&c);
        for (name, japanese, english) in PAIRS {
            let brands_only = *name == "card_hint";
            assert!(
                brands_only || japanese.chars().any(is_kana_or_kanji) || japanese.is_empty(),
                "{name}: {japanese}"
            );
            // English shows Japanese only as the words printed on a Japanese machine or form, in brackets.
            let bare = english.split(['(', '「']).next().unwrap_or_default();
            assert!(!bare.chars().any(is_kana_or_kanji), "{name}: {english}");
        }
    }

    #[test]
    fn attempts_left_are_counted_in_words_a_customer_reads() {
        for (count, japanese, english) in [
            (0, None, None),
            (1, Some("お試しいただけるのは、あと1回です。"), Some("You can try once more.")),
            (4, Some("あと4回お試しいただけます。"), Some("You can try 4 more times.")),
        ] {
            assert_eq!(Texts::of(Language::Japanese).attempts_left(count).as_deref(), japanese);
            assert_eq!(Texts::of(Language::English).attempts_left(count).as_deref(), english);
        }
    }
}
