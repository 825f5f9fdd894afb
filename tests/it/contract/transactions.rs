//! All or nothing.

use stripegym_core::store::{InboxState, Owner, Receipt};
use stripegym_tests::stores;

use super::{at, event};

stores! {
    async fn a_dropped_transaction_leaves_nothing(store: TestStore) {
        let mut tx = store.begin().await.unwrap();
        tx.receive(&event(1), at(0)).await.unwrap();
        let owner = Owner::new("41").unwrap();
        tx.link_customer(&owner, &"cus_1".parse().unwrap(), at(0)).await.unwrap();
        drop(tx);

        let mut read = store.read().await.unwrap();
        assert_eq!(read.customer_of(&owner).await.unwrap(), None);
        assert!(read.inbox_summary().await.unwrap().counts.is_empty());
    }

    async fn a_committed_transaction_is_there_for_everybody(store: TestStore) {
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.receive(&event(1), at(0)).await.unwrap(), Receipt::New);
        tx.commit().await.unwrap();

        let summary = store.read().await.unwrap().inbox_summary().await.unwrap();
        assert_eq!(summary.counts, [(InboxState::Received, 1)]);
        assert_eq!(summary.oldest_open, Some(at(0)));
    }

    async fn a_reader_is_not_held_up_by_an_open_writer(store: TestStore) {
        let mut tx = store.begin().await.unwrap();
        tx.receive(&event(1), at(0)).await.unwrap();

        let summary = store.read().await.unwrap().inbox_summary().await.unwrap();
        assert!(summary.counts.is_empty(), "what is not committed is not seen");
        tx.commit().await.unwrap();
    }
}
