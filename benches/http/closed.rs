//! The load: connections that each send their next request when the one before was answered.

use std::{cell::RefCell, rc::Rc, time::Instant};

use choai_benches::{
    client::{Answer, Connection, Request},
    figures::Figures,
};
use tokio::task::LocalSet;

use crate::{MEASURED, WARM_UP};

/// Keeps every connection busy through warm-up and measurement; counts answers that came within the latter.
///
/// `begin` is called once, between the two.
pub fn run(connections: usize, request: &Request, begin: impl FnOnce()) -> Figures {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let figures = Rc::new(RefCell::new(Figures::default()));
    let from = Instant::now() + WARM_UP;
    let all = LocalSet::new();
    for _ in 0..connections {
        all.spawn_local(keep_busy(request.clone(), from, figures.clone()));
    }
    all.block_on(&runtime, async {
        tokio::time::sleep_until(from.into()).await;
        begin();
        tokio::time::sleep_until((from + MEASURED).into()).await;
    });
    // Requests still under way are broken off with the runtime.
    drop((all, runtime));
    figures.take()
}

async fn keep_busy(request: Request, from: Instant, figures: Rc<RefCell<Figures>>) {
    let mut connection = Connection::open(request.to).await.expect("the server takes connections");
    loop {
        let sent = Instant::now();
        let answer = connection.ask(&request).await.expect("the server answers");
        assert_eq!(answer, Answer::Taken, "so few connections are not too many");
        let answered = Instant::now();
        if answered >= from && answered < from + MEASURED {
            figures.borrow_mut().add(answered - sent);
        }
    }
}
