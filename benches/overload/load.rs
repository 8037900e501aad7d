//! The load: connections that wait for answers, others that do not care, and what both of them count.

use std::{
    cell::RefCell,
    io,
    mem::take,
    rc::Rc,
    time::{Duration, Instant},
};

use choai_benches::{
    client::{Answer, Connection, Request},
    figures::Figures,
};
use tokio::{task::LocalSet, time::sleep_until};

/// Connections that send their next request when the one before was answered.
const WAITING: u32 = 512;
/// Connections on which requests come due at a pace of their own.
const PACED: u32 = 1_024;
/// Requests that come due on all of these in a second.
const ARRIVALS: u32 = 10_000;

/// What came of the requests since the line before.
#[derive(Default)]
pub struct Counted {
    /// How long that was.
    pub time: Duration,
    pub accepted: Figures,
    pub refused: u64,
    /// What came due while its connection waited for an answer.
    pub not_sent: u64,
    /// Connections that broke, or brought an answer that nobody should get.
    pub broken: u64,
}

/// All connections, on one thread.
pub struct Load {
    request: Request,
    counted: Rc<RefCell<Counted>>,
}

impl Load {
    pub fn of(request: Request) -> Self {
        Self { request, counted: Rc::default() }
    }

    /// Goes on for `time`, and tells `line` every so often what came of it since the last time.
    pub fn run(self, time: Duration, every: Duration, mut line: impl FnMut(Duration, Counted)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (begun, all) = (Instant::now(), LocalSet::new());
        for _ in 0..WAITING {
            all.spawn_local(waiting(self.request.clone(), self.counted.clone()));
        }
        for number in 0..PACED {
            all.spawn_local(paced(number, self.request.clone(), self.counted.clone()));
        }
        all.block_on(&runtime, async {
            let mut told = begun;
            while told < begun + time {
                sleep_until((told + every).min(begun + time).into()).await;
                let now = Instant::now();
                let counted = Counted { time: now - told, ..take(&mut *self.counted.borrow_mut()) };
                line(now - begun, counted);
                told = now;
            }
        });
        // Requests still under way are broken off with the runtime.
        drop((all, runtime));
    }
}

async fn waiting(request: Request, counted: Rc<RefCell<Counted>>) {
    let mut line = Line::to(request, counted);
    loop {
        if let Some(again) = line.ask(Instant::now()).await {
            tokio::time::sleep(again).await;
        }
    }
}

async fn paced(number: u32, request: Request, counted: Rc<RefCell<Counted>>) {
    let pause = Duration::from_secs(1) * PACED / ARRIVALS;
    let mut due = Instant::now() + pause * number / PACED;
    let mut line = Line::to(request, counted);
    loop {
        sleep_until(due.into()).await;
        line.ask(due).await;
        due += pause;
        while due + pause < Instant::now() {
            line.counted.borrow_mut().not_sent += 1;
            due += pause;
        }
    }
}

/// A connection that is made again if it breaks.
struct Line {
    connection: Option<Connection>,
    request: Request,
    counted: Rc<RefCell<Counted>>,
}

impl Line {
    fn to(request: Request, counted: Rc<RefCell<Counted>>) -> Self {
        Self { connection: None, request, counted }
    }

    /// Asks and counts; gives when to come back if it was refused.
    async fn ask(&mut self, due: Instant) -> Option<Duration> {
        let answer = self.try_ask().await;
        let mut counted = self.counted.borrow_mut();
        match answer {
            Ok(Answer::Taken) => counted.accepted.add(due.elapsed()),
            Ok(Answer::Refused(again)) => {
                counted.refused += 1;
                return Some(again);
            }
            Err(_) => {
                counted.broken += 1;
                self.connection = None;
            }
        }
        None
    }

    async fn try_ask(&mut self) -> io::Result<Answer> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None => self.connection.insert(Connection::open(self.request.to).await?),
        };
        connection.ask(&self.request).await
    }
}
