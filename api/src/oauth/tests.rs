//! Grants and tokens over an engine in memory, on a clock of their own.

use std::sync::Arc;

use choai_engine::{
    Engine, ManualClock, Options,
    domain::{MerchantId, Span, Timestamp, UserId},
    log::MemoryStore,
    vault::{MasterKey, OsRandom, VaultFamily},
};

use super::rows::{CODE_LIFETIME, Code, Lifetimes, Locks, ROTATION_GRACE, Refused, Rows, Tokens};
use crate::tokens;

const SHOP: MerchantId = MerchantId(1);
const USER: UserId = UserId(5);
const APP: &str = "app";

/// An engine, what the server keeps beside it, and its clock.
struct Desk {
    engine: Engine,
    clock: Arc<ManualClock>,
    locks: Locks,
}

impl Desk {
    fn open() -> Self {
        let clock = Arc::new(ManualClock::new(Timestamp(1_767_582_000_000_000)));
        let options = Options { clock: clock.clone(), random: Arc::new(OsRandom) };
        let master = MasterKey::from_bytes([7; 32]);
        let engine = Engine::over(Arc::new(MemoryStore::new()), master, options).unwrap();
        Self { engine, clock, locks: Locks::default() }
    }

    fn rows(&self) -> Rows<'_> {
        Rows::new(&self.engine, &self.locks, Lifetimes::DEFAULT)
    }

    fn code(&self) -> String {
        let code = Code {
            client_id: APP.into(),
            tenant: SHOP,
            user: USER,
            redirect_uri: "https://app.jp/".into(),
            challenge: "challenge".into(),
            ends_at: self.engine.now() + CODE_LIFETIME,
            became: None,
        };
        self.rows().issue_code(code).unwrap()
    }

    fn pair(&self) -> (String, String) {
        pair(self.rows().redeem_code(&self.code(), APP).unwrap())
    }

    fn is_allowed(&self, access: &str) -> bool {
        self.rows().allowed(access).unwrap().is_some()
    }
}

fn pair(tokens: Tokens) -> (String, String) {
    (tokens.access, tokens.refresh.expect("a user's grant has one"))
}

/// Why it was refused, or that it was not.
fn outcome<T>(result: Result<T, Refused>) -> String {
    result.map_or_else(|refused| refused.to_string(), |_| "ok".to_owned())
}

#[tokio::test]
async fn an_app_acts_for_itself_for_an_hour() {
    let desk = Desk::open();
    let tokens = desk.rows().issue_to_client(APP, SHOP).unwrap();
    assert_eq!((tokens.expires_in_s, tokens.refresh), (3_600, None));
    let allowed = desk.rows().allowed(&tokens.access).unwrap().unwrap();
    assert_eq!((allowed.client_id.as_str(), allowed.tenant, allowed.user), (APP, SHOP, None));
    desk.clock.advance(Span::hours(1) - Span::MICRO);
    assert!(desk.is_allowed(&tokens.access));
    desk.clock.advance(Span::MICRO);
    assert!(!desk.is_allowed(&tokens.access));
    for nobodys in ["", "at_", "at_nobody", "Bearer", &tokens.access[3..]] {
        assert!(!desk.is_allowed(nobodys), "{nobodys:?}");
    }
}

#[tokio::test]
async fn a_code_is_exchanged_once_by_the_app_it_was_given_to_within_a_minute() {
    let desk = Desk::open();
    let code = desk.code();
    assert_eq!(outcome(desk.rows().redeem_code(&code, "other")), "not issued to this client");
    desk.clock.advance(CODE_LIFETIME - Span::MICRO);
    assert_eq!(outcome(desk.rows().redeem_code(&code, APP)), "ok", "another app's try did not use it up");
    assert_eq!(outcome(desk.rows().redeem_code(&code, APP)), "revoked");
    let late = desk.code();
    desk.clock.advance(CODE_LIFETIME);
    assert_eq!(outcome(desk.rows().redeem_code(&late, APP)), "expired");
    assert_eq!(outcome(desk.rows().redeem_code("ac_nobody", APP)), "unknown");
}

#[tokio::test]
async fn a_code_used_again_revokes_what_it_gave() {
    let desk = Desk::open();
    let code = desk.code();
    let (access, refresh) = pair(desk.rows().redeem_code(&code, APP).unwrap());
    assert!(desk.is_allowed(&access));
    desk.clock.advance(Span::days(1));
    let (renewed, _) = pair(desk.rows().refresh(&refresh, APP).unwrap());
    assert_eq!(outcome(desk.rows().read_code(&code, APP)), "revoked");
    assert!(!desk.is_allowed(&renewed), "however often it was renewed since");
}

#[tokio::test]
async fn a_refresh_replaces_both_tokens() {
    let desk = Desk::open();
    let (access, refresh) = desk.pair();
    let (next_access, next_refresh) = pair(desk.rows().refresh(&refresh, APP).unwrap());
    assert!(!desk.is_allowed(&access) && desk.is_allowed(&next_access));
    assert_eq!(outcome(desk.rows().refresh(&next_refresh, "other")), "not issued to this client");
    desk.clock.advance(Span::days(30) - Span::MICRO);
    let (_, last) = pair(desk.rows().refresh(&next_refresh, APP).unwrap());
    desk.clock.advance(Span::days(30));
    assert_eq!(outcome(desk.rows().refresh(&last, APP)), "expired");
}

#[tokio::test]
async fn a_refresh_token_used_again_at_once_is_late_and_later_on_is_stolen() {
    let desk = Desk::open();
    let (_, refresh) = desk.pair();
    let (access, _) = pair(desk.rows().refresh(&refresh, APP).unwrap());
    desk.clock.advance(ROTATION_GRACE);
    assert_eq!(outcome(desk.rows().refresh(&refresh, APP)), "revoked");
    assert!(desk.is_allowed(&access), "the family lives on");
    desk.clock.advance(Span::MICRO);
    assert_eq!(outcome(desk.rows().refresh(&refresh, APP)), "revoked");
    assert!(!desk.is_allowed(&access), "the family is revoked");

    let (_, first) = desk.pair();
    let (_, second) = pair(desk.rows().refresh(&first, APP).unwrap());
    let (access, _) = pair(desk.rows().refresh(&second, APP).unwrap());
    assert_eq!(outcome(desk.rows().refresh(&first, APP)), "revoked");
    assert!(!desk.is_allowed(&access), "two generations are no retry, however soon");
}

#[tokio::test]
async fn of_many_refreshes_at_once_exactly_one_succeeds_and_the_family_lives_on() {
    let desk = Desk::open();
    for _ in 0..20 {
        let (_, refresh) = desk.pair();
        let outcomes: Vec<Result<Tokens, Refused>> = std::thread::scope(|scope| {
            let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| desk.rows().refresh(&refresh, APP))).collect();
            tries.into_iter().map(|tried| tried.join().unwrap()).collect()
        });
        let mut given: Vec<Tokens> = outcomes.into_iter().filter_map(Result::ok).collect();
        assert_eq!(given.len(), 1);
        assert!(desk.is_allowed(&given.remove(0).access));
    }
}

#[tokio::test]
async fn of_many_exchanges_at_once_at_most_one_succeeds_and_the_others_revoke_it() {
    let desk = Desk::open();
    let code = desk.code();
    let given: Vec<Tokens> = std::thread::scope(|scope| {
        let tries: Vec<_> = (0..8).map(|_| scope.spawn(|| desk.rows().redeem_code(&code, APP))).collect();
        tries.into_iter().filter_map(|tried| tried.join().unwrap().ok()).collect()
    });
    assert_eq!(given.len(), 1);
    assert!(!desk.is_allowed(&given[0].access));
}

#[tokio::test]
async fn whoever_revokes_a_token_of_its_own_ends_the_family() {
    let desk = Desk::open();
    for by_refresh in [false, true] {
        let (access, refresh) = desk.pair();
        let token = if by_refresh { &refresh } else { &access };
        desk.rows().revoke(token, "other").unwrap();
        assert!(desk.is_allowed(&access), "nobody revokes another's");
        desk.rows().revoke(token, APP).unwrap();
        assert!(!desk.is_allowed(&access));
        assert_eq!(outcome(desk.rows().refresh(&refresh, APP)), "revoked");
        desk.rows().revoke(token, APP).unwrap();
    }
    desk.rows().revoke("at_nobody", APP).unwrap();
    desk.rows().revoke("nonsense", APP).unwrap();
}

#[tokio::test]
async fn what_a_user_has_allowed_is_known_and_ends_together() {
    let desk = Desk::open();
    let (access, _) = desk.pair();
    assert!(desk.rows().has_allowed(USER, APP).unwrap());
    assert!(!desk.rows().has_allowed(USER, "other").unwrap());
    assert!(!desk.rows().has_allowed(UserId(50), APP).unwrap(), "5 is not the beginning of 50");
    desk.rows().revoke_all_of(USER).unwrap();
    assert!(!desk.rows().has_allowed(USER, APP).unwrap() && !desk.is_allowed(&access));
}

#[tokio::test]
async fn no_token_is_kept_and_what_is_over_is_swept() {
    let desk = Desk::open();
    let (access, refresh) = desk.pair();
    let own = desk.rows().issue_to_client(APP, SHOP).unwrap().access;
    let vault = desk.engine.vault().rows();
    let families = [VaultFamily::Token, VaultFamily::Grant, VaultFamily::TokenEnd];
    let kept = || families.map(|family| vault.scan(family).unwrap());
    let bytes: Vec<u8> = kept().into_iter().flatten().flat_map(|(key, row)| [key, row].concat()).collect();
    for token in [&access, &refresh, &own] {
        let secret = &token.as_bytes()[3..];
        assert!(!bytes.windows(secret.len()).any(|window| window == secret));
    }
    desk.clock.advance(Span::hours(1));
    tokens::sweep(vault, desk.engine.now()).unwrap();
    assert_eq!(kept().map(|rows| rows.len()), [2, 1, 3], "the code, the refresh token and their grant");
    desk.clock.advance(Span::days(30));
    tokens::sweep(vault, desk.engine.now()).unwrap();
    assert_eq!(kept().map(|rows| rows.len()), [0, 0, 0]);
}
