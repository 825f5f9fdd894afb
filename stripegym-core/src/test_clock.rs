//! Test Clocks: time that you move. <https://docs.stripe.com/api/test_clocks>

use crate::id::TestClockId;
use crate::object::{string_enums, views};

#[cfg(feature = "client")]
pub use requests::*;

string_enums! {
    /// Where a clock stands.
    TestClockStatus {
        /// Still; it can be advanced.
        Ready = "ready",
        /// On its way.
        Advancing = "advancing",
        /// Broken; make another.
        InternalFailure = "internal_failure",
    }
}

views! {
    /// A Test Clock. <https://docs.stripe.com/api/test_clocks/object>
    TestClock("test_helpers.test_clock") {
        /// Its id.
        id: &str;
        /// The id, as a type.
        test_clock_id: TestClockId = "id";
        /// Where it stands.
        status: TestClockStatus;
        /// What time it is there.
        frozen_time: i64;
        /// What time it will be there.
        target_frozen_time: Option<i64> = "status_details"."advancing"."target_frozen_time";
        /// A name for yourself.
        name: Option<&str>;
        /// When Stripe deletes it and all that lives by it.
        deletes_after: i64;
        /// Seconds since the Unix epoch.
        created: i64;
        /// Always false: there is none for real money.
        livemode: bool;
        /// True once it is deleted.
        deleted: Option<bool>;
    }
}

#[cfg(feature = "client")]
mod requests {
    use super::TestClock;
    use crate::client::{List, calls};
    use crate::id::TestClockId;

    calls! {
        /// Creates a Test Clock that stands at this second.
        /// <https://docs.stripe.com/api/test_clocks/create>
        CreateTestClock(; frozen_time: i64) -> TestClock
            = Post "/v1/test_helpers/test_clocks" {
            /// A name for yourself.
            name: &str;
        }

        /// Retrieves a Test Clock. <https://docs.stripe.com/api/test_clocks/retrieve>
        RetrieveTestClock(id: &TestClockId) -> TestClock
            = Get "/v1/test_helpers/test_clocks/{id}" {}

        /// Deletes a Test Clock and all that lives by it.
        /// <https://docs.stripe.com/api/test_clocks/delete>
        DeleteTestClock(id: &TestClockId) -> TestClock
            = Delete "/v1/test_helpers/test_clocks/{id}" {}

        /// Lists Test Clocks, newest first. <https://docs.stripe.com/api/test_clocks/list>
        ListTestClocks() -> List<TestClock> = Get "/v1/test_helpers/test_clocks" {}
            + list(TestClock, TestClockId);

        /// Moves a Test Clock forward to this second. The answer does not wait
        /// for it: ask until it is ready. <https://docs.stripe.com/api/test_clocks/advance>
        ///
        /// ```no_run
        /// # use stripegym_core::Client;
        /// use stripegym_core::test_clock::{AdvanceTestClock, RetrieveTestClock, TestClockStatus};
        /// # async fn run(stripe: Client) -> Result<(), Box<dyn std::error::Error>> {
        /// let clock = "clock_1".parse()?;
        /// AdvanceTestClock::new(&clock, 1_762_600_000).send(&stripe).await?;
        /// let now = RetrieveTestClock::new(&clock).send(&stripe).await?;
        /// println!("ready: {}", now.status()? == TestClockStatus::Ready);
        /// # Ok(()) }
        /// ```
        AdvanceTestClock(id: &TestClockId; frozen_time: i64) -> TestClock
            = Post "/v1/test_helpers/test_clocks/{id}/advance" {}
    }
}
