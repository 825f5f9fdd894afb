//! Owners, sessions and purchases.

use stripegym_core::checkout::{CheckoutMode, CheckoutStatus, PaymentStatus};
use stripegym_core::ledger::{Account, Posting, PostingKey, Transaction};
use stripegym_core::store::{CheckoutSessionRow, CustomerLink, ObjectKind, Owner, PurchaseStatus};
use stripegym_core::{Amount, Currency, Store};
use stripegym_tests::stores;

use super::at;

fn row(id: &str, owner: &str, created: i64) -> CheckoutSessionRow {
    CheckoutSessionRow {
        id: id.parse().unwrap(),
        owner: Some(Owner::new(owner).unwrap()),
        customer: Some("cus_1".parse().unwrap()),
        mode: CheckoutMode::Payment,
        status: CheckoutStatus::Complete,
        payment_status: PaymentStatus::Paid,
        payment_failed: false,
        amount_total: Some(4980),
        currency: Some(Currency::JPY),
        payment_intent: Some(id.replace("cs_", "pi_").parse().unwrap()),
        subscription: None,
        product_name: Some("お茶 'or' 1=1; --".to_owned()),
        created,
        livemode: false,
    }
}

async fn put(store: &dyn Store, row: &CheckoutSessionRow) {
    let mut tx = store.begin().await.unwrap();
    tx.put_row(&row.clone().into(), at(0)).await.unwrap();
    tx.commit().await.unwrap();
}

async fn sessions(store: &dyn Store, owner: &str, page: u32) -> Vec<String> {
    let owner = Owner::new(owner).unwrap();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let mut read = store.read().await.unwrap();
        let found = read.purchases(&owner, cursor.as_ref(), page).await.unwrap();
        let Some(last) = found.last() else {
            return seen;
        };
        cursor = Some(last.cursor());
        seen.extend(found.iter().map(|purchase| purchase.session_id.to_string()));
    }
}

stores! {
    async fn a_session_reads_back_as_it_was_written(store: TestStore) {
        let mut written = row("cs_1", "41", 7);
        for status in [CheckoutStatus::Open, CheckoutStatus::Unknown("new".into())] {
            written.status = status;
            put(&*store, &written).await;
            let mut tx = store.begin().await.unwrap();
            let stored = tx.row(ObjectKind::CheckoutSession, "cs_1").await.unwrap();
            assert_eq!(stored, Some(written.clone().into()));
        }
        let bare = CheckoutSessionRow {
            owner: None, customer: None, amount_total: None, currency: None, payment_intent: None, product_name: None,
            mode: CheckoutMode::Setup, livemode: true, ..row("cs_2", "41", i64::MAX)
        };
        put(&*store, &bare).await;
        let mut tx = store.begin().await.unwrap();
        let stored = tx.row(ObjectKind::CheckoutSession, "cs_2").await.unwrap();
        assert_eq!(stored, Some(bare.clone().into()));
        assert_eq!(tx.row(ObjectKind::CheckoutSession, "cs_none").await.unwrap(), None);
    }

    async fn an_owner_and_a_customer_belong_to_each_other_for_good(store: TestStore) {
        let (hanako, taro) = (Owner::new("41").unwrap(), Owner::new("42").unwrap());
        let (first, second) = ("cus_1".parse().unwrap(), "cus_2".parse().unwrap());
        let mut tx = store.begin().await.unwrap();
        assert_eq!(tx.link_customer(&hanako, &first, at(0)).await.unwrap(), CustomerLink::Linked);
        assert_eq!(tx.link_customer(&hanako, &first, at(1)).await.unwrap(), CustomerLink::Linked);
        assert_eq!(
            tx.link_customer(&hanako, &second, at(1)).await.unwrap(),
            CustomerLink::OwnerHas(first.clone())
        );
        assert_eq!(
            tx.link_customer(&taro, &first, at(1)).await.unwrap(),
            CustomerLink::CustomerOf(hanako.clone())
        );
        tx.commit().await.unwrap();
        let mut read = store.read().await.unwrap();
        assert_eq!(read.customer_of(&hanako).await.unwrap(), Some(first));
        assert_eq!(read.customer_of(&taro).await.unwrap(), None);
    }

    async fn of_many_who_bind_one_owner_at_once_one_wins(store: TestStore) {
        let mut binders = tokio::task::JoinSet::new();
        for number in 0..16 {
            let store = store.shared();
            binders.spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let customer = format!("cus_{number}").parse().unwrap();
                let link = tx.link_customer(&Owner::new("41").unwrap(), &customer, at(0)).await;
                tx.commit().await.unwrap();
                link.unwrap() == CustomerLink::Linked
            });
        }
        let winners = binders.join_all().await.into_iter().filter(|won| *won).count();
        assert_eq!(winners, 1);
    }

    async fn purchases_come_newest_first_page_by_page_and_only_the_owners(store: TestStore) {
        for (id, owner, created) in
            [("cs_a", "41", 5), ("cs_b", "41", 5), ("cs_c", "41", 9), ("cs_d", "42", 9)]
        {
            put(&*store, &row(id, owner, created)).await;
        }
        for hidden in [
            CheckoutSessionRow { status: CheckoutStatus::Open, ..row("cs_e", "41", 1) },
            CheckoutSessionRow { status: CheckoutStatus::Expired, ..row("cs_f", "41", 1) },
        ] {
            put(&*store, &hidden).await;
        }
        for page in [1, 2, 10] {
            assert_eq!(sessions(&*store, "41", page).await, ["cs_c", "cs_b", "cs_a"]);
        }
        assert_eq!(sessions(&*store, "42", 10).await, ["cs_d"]);
        assert!(sessions(&*store, "4", 10).await.is_empty());
    }

    async fn a_purchase_is_paid_once_the_ledger_says_so(store: TestStore) {
        let owner = Owner::new("41").unwrap();
        put(&*store, &row("cs_1", "41", 7)).await;
        let status = async || {
            let mut read = store.read().await.unwrap();
            read.purchases(&owner, None, 10).await.unwrap()[0].status
        };
        assert_eq!(status().await, PurchaseStatus::Processing);

        let amount = Amount::new(4980, Currency::JPY);
        let key = PostingKey { rule: "checkout_paid", object_id: "pi_1".to_owned() };
        let lines = vec![
            Posting::debit(Account::StripeClearing, amount),
            Posting::credit(Account::Sales, amount).unwrap(),
        ];
        let mut tx = store.begin().await.unwrap();
        tx.post(&Transaction::new(key, 7, None, lines).unwrap(), at(0)).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(status().await, PurchaseStatus::Paid);
    }

    async fn a_purchase_that_cost_nothing_is_paid(store: TestStore) {
        let free = CheckoutSessionRow {
            amount_total: Some(0),
            payment_status: PaymentStatus::NoPaymentRequired,
            payment_intent: None,
            ..row("cs_1", "41", 7)
        };
        put(&*store, &free).await;
        let mut read = store.read().await.unwrap();
        let found = read.purchases(&Owner::new("41").unwrap(), None, 10).await.unwrap();
        assert_eq!(found[0].status, PurchaseStatus::Paid);
    }
}
