use std::{
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use bursar_kernel::{DomainError, Result, UnixTimestamp};
use tokio::sync::Mutex;

use super::outbound::unavailable;

/// How long what was read is believed. A key that an issuer withdraws is refused after that long.
const FRESH_FOR: Duration = Duration::from_hours(1);
/// How long it is believed while the issuer cannot be asked.
const USABLE_FOR: Duration = Duration::from_hours(24);
/// The least time between two questions, answered or not: tokens with invented keys must not make a
/// question each.
const PAUSE: Duration = Duration::from_mins(1);

/// Something that an issuer publishes, kept in memory. However many want it, one asks at a time.
pub(crate) struct Kept<T> {
    state: RwLock<State<T>>,
    asking: Arc<Mutex<()>>,
}

struct State<T> {
    held: Option<Held<T>>,
    last: Option<Attempt>,
}

struct Held<T> {
    read_at: UnixTimestamp,
    value: Arc<T>,
}

#[derive(Clone, Copy)]
struct Attempt {
    at: UnixTimestamp,
    has_failed: bool,
}

/// What is to be done at an instant.
enum Found<T> {
    Here(Arc<T>),
    Unavailable,
    /// To be asked for; meanwhile what is old will do, if it is what is wanted.
    Ask(Option<Arc<T>>),
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { state: RwLock::new(State { held: None, last: None }), asking: Arc::default() }
    }
}

impl<T: Send + Sync + 'static> Kept<T> {
    /// What the issuer publishes: fresh, or, when it cannot be asked, a day old at most. It may lack
    /// what is wanted when the issuer does not have it either.
    ///
    /// # Errors
    /// `issuer_unavailable` when it is not known and cannot be asked for now.
    pub(crate) async fn get<F>(
        self: &Arc<Self>,
        now: UnixTimestamp,
        is_wanted: impl Fn(&T) -> bool + Send + Sync,
        ask: impl FnOnce() -> F + Send,
    ) -> Result<Arc<T>>
    where
        F: Future<Output = Result<T>> + Send + 'static,
    {
        let old = match self.find(now, &is_wanted) {
            Found::Here(value) => return Ok(value),
            // It is being asked for at this moment: that is waited for.
            Found::Unavailable if self.asking.try_lock().is_err() => None,
            Found::Unavailable => return Err(asked_before()),
            Found::Ask(old) => old,
        };
        let turn = match (self.asking.clone().try_lock_owned(), old) {
            (Ok(turn), _) => turn,
            // Somebody asks: who has what is wanted does not wait for an issuer that hangs.
            (Err(_), Some(old)) => return Ok(old),
            (Err(_), None) => self.asking.clone().lock_owned().await,
        };
        // Whoever had the turn before has asked for all.
        match self.find(now, &is_wanted) {
            Found::Here(value) => return Ok(value),
            Found::Unavailable => return Err(asked_before()),
            Found::Ask(_) => {}
        }
        let (kept, answer) = (self.clone(), ask());
        // In a task: a caller that goes away must not spend the minute's one question on nothing.
        let asked = tokio::spawn(async move {
            let outcome = kept.ask(now, answer).await;
            drop(turn);
            outcome
        });
        let outcome = asked.await.map_err(DomainError::internal)?;
        match (self.find(now, &is_wanted), outcome) {
            (Found::Here(value), _) => Ok(value),
            (_, Err(failure)) => Err(failure),
            (_, Ok(())) => Err(asked_before()),
        }
    }

    async fn ask(&self, now: UnixTimestamp, answer: impl Future<Output = Result<T>>) -> Result<()> {
        // Until there is an answer it has failed, however it ends.
        self.state.write().unwrap_or_else(PoisonError::into_inner).last =
            Some(Attempt { at: now, has_failed: true });
        let value = Arc::new(answer.await?);
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = State {
            held: Some(Held { read_at: now, value }),
            last: Some(Attempt { at: now, has_failed: false }),
        };
        Ok(())
    }

    /// By distances and not by ages: of requests that run side by side the later one need not have
    /// the later instant.
    fn find(&self, now: UnixTimestamp, is_wanted: impl Fn(&T) -> bool) -> Found<T> {
        let state = self.state.read().unwrap_or_else(PoisonError::into_inner);
        let held = state.held.as_ref().filter(|held| held.read_at.distance(now) < USABLE_FOR);
        let wanted = held.filter(|held| is_wanted(&held.value));
        let fresh = wanted.filter(|held| held.read_at.distance(now) < FRESH_FOR);
        if let Some(fresh) = fresh {
            return Found::Here(fresh.value.clone());
        }
        match state.last.filter(|last| last.at.distance(now) < PAUSE) {
            None => Found::Ask(wanted.map(|held| held.value.clone())),
            Some(last) => match wanted.or(held.filter(|_| !last.has_failed)) {
                Some(held) => Found::Here(held.value.clone()),
                None => Found::Unavailable,
            },
        }
    }
}

fn asked_before() -> DomainError {
    unavailable("the issuer was asked within the last minute")
}

#[cfg(test)]
mod tests {
    use std::{
        future::poll_fn,
        sync::atomic::{AtomicBool, AtomicUsize, Ordering},
        task::Poll,
    };

    use super::*;

    /// What is published, counted.
    #[derive(Default)]
    struct Source {
        asked: AtomicUsize,
        is_down: AtomicBool,
    }

    struct Reader {
        kept: Arc<Kept<usize>>,
        source: Arc<Source>,
        now: UnixTimestamp,
    }

    impl Reader {
        fn new() -> Self {
            let now = UnixTimestamp::from_micros(1_790_000_000_000_000);
            Self { kept: Arc::default(), source: Arc::default(), now }
        }

        /// Answers how often it was asked; whoever wants at least so much is served by it.
        async fn want(&self, least: usize) -> Result<usize> {
            let source = self.source.clone();
            let ask = move || async move {
                let asked = source.asked.fetch_add(1, Ordering::SeqCst) + 1;
                tokio::task::yield_now().await;
                if source.is_down.load(Ordering::SeqCst) { Err(unavailable("down")) } else { Ok(asked) }
            };
            self.kept.get(self.now, |value| *value >= least, ask).await.map(|value| *value)
        }

        fn asked(&self) -> usize {
            self.source.asked.load(Ordering::SeqCst)
        }
    }

    const MOMENT: Duration = Duration::from_micros(1);

    #[tokio::test]
    async fn what_was_read_is_believed_for_an_hour() {
        let mut reader = Reader::new();
        assert_eq!(reader.want(0).await.unwrap(), 1);
        let old = reader.now.after(FRESH_FOR);
        reader.now = old.before(MOMENT);
        assert_eq!(reader.want(0).await.unwrap(), 1);
        reader.now = old;
        assert_eq!(reader.want(0).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn what_is_not_there_is_asked_for_once_a_minute() {
        let mut reader = Reader::new();
        for _ in 0..3 {
            assert_eq!(reader.want(9).await.unwrap(), 1, "it is not there, and that is known");
        }
        let next = reader.now.after(PAUSE);
        reader.now = next.before(MOMENT);
        assert_eq!(reader.want(9).await.unwrap(), 1);
        reader.now = next;
        assert_eq!(reader.want(9).await.unwrap(), 2);
        reader.now = reader.now.before(Duration::from_secs(5));
        assert_eq!(reader.want(9).await.unwrap(), 2, "nor by a request that is a little late");
    }

    #[tokio::test]
    async fn an_issuer_that_is_down_is_asked_once_a_minute_and_what_is_known_goes_on_for_a_day() {
        let mut reader = Reader::new();
        assert_eq!(reader.want(0).await.unwrap(), 1);
        reader.source.is_down.store(true, Ordering::SeqCst);
        let day_old = reader.now.after(USABLE_FOR);
        reader.now = reader.now.after(PAUSE);
        assert_eq!(reader.want(9).await.unwrap_err().code(), "issuer_unavailable");
        assert_eq!(reader.want(9).await.unwrap_err().code(), "issuer_unavailable");
        assert_eq!((reader.want(0).await.unwrap(), reader.asked()), (1, 2));
        reader.now = day_old.before(MOMENT);
        assert_eq!((reader.want(0).await.unwrap(), reader.asked()), (1, 3));
        reader.now = day_old;
        assert_eq!(reader.want(0).await.unwrap_err().code(), "issuer_unavailable");
        reader.source.is_down.store(false, Ordering::SeqCst);
        reader.now = reader.now.after(PAUSE);
        assert!(reader.want(0).await.is_ok());
    }

    #[tokio::test]
    async fn who_comes_while_it_is_being_asked_for_waits() {
        let reader = Arc::new(Reader::new());
        let first = tokio::spawn({
            let reader = reader.clone();
            async move { reader.want(1).await }
        });
        // Until the question is on its way.
        while reader.asked() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(reader.want(1).await.unwrap(), 1);
        assert_eq!((first.await.unwrap().unwrap(), reader.asked()), (1, 1));
    }

    #[tokio::test]
    async fn many_that_want_it_at_once_ask_once() {
        let reader = Arc::new(Reader::new());
        let many = (0..100).map(|_| {
            let reader = reader.clone();
            tokio::spawn(async move { reader.want(1).await })
        });
        for one in many.collect::<Vec<_>>() {
            assert_eq!(one.await.unwrap().unwrap(), 1);
        }
        assert_eq!(reader.asked(), 1);
    }

    #[tokio::test]
    async fn who_goes_away_while_it_asks_has_asked_for_the_others() {
        let reader = Reader::new();
        {
            let mut gone = std::pin::pin!(reader.want(0));
            let has_ended = poll_fn(|context| Poll::Ready(gone.as_mut().poll(context).is_ready())).await;
            assert!(!has_ended, "it has begun");
        }
        assert_eq!(reader.want(0).await.unwrap(), 1);
        assert_eq!(reader.asked(), 1);
    }
}
