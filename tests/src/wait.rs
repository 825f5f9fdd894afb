//! Waiting on conditions, never on time.

use std::time::Duration;

/// Asks again and again until the answer is there.
///
/// # Panics
/// When it is not there after 30 seconds: `what` never came.
pub async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Option<T>>,
{
    let asking = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            // The pause between two looks, not a guess at how long it takes.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    match tokio::time::timeout(Duration::from_secs(30), asking).await {
        Ok(answer) => answer,
        Err(_) => panic!("waited 30 s in vain: {what}"),
    }
}
