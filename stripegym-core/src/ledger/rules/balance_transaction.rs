//! What happened to Stripe's balance. <https://docs.stripe.com/reports/balance-transaction-types>

use crate::balance_transaction::{BalanceTransaction, BalanceTransactionType};
use crate::id::CustomerId;
use crate::ledger::rules::balance_source::{BalanceSource, Moved};
use crate::ledger::{Account, Posting, PostingKey, RuleError, Transaction};
use crate::money::Amount;

/// A movement of Stripe's balance: net to the balance, the fee to fees, and
/// the gross amount against the account that its type names.
///
/// Payments and refunds go against clearing, matched as the sale is, in the
/// currency that the customer paid in; where Stripe settles in another one,
/// the two meet in `fx`. Disputes go against disputes, payouts against the
/// bank, Stripe's own fees against fees. Fees are as Stripe charged them, never
/// computed. It occurred when Stripe made it.
///
/// # Errors
/// [`RuleError::SourceNeeded`] when the type needs a source that is not
/// expanded, [`RuleError::UnknownType`] for types without a rule, and others
/// when it lacks something or does not add up; see [`RuleError`].
pub fn balance_transaction(
    transaction: &BalanceTransaction,
    source: &BalanceSource,
) -> Result<Option<Transaction>, RuleError> {
    let currency = transaction.currency()?;
    let gross = Amount::new(transaction.amount()?, currency);
    let fee = Amount::new(transaction.fee()?, currency);
    let net = Amount::new(transaction.net()?, currency);
    let sum = gross.checked_sub(fee)?;
    if sum != net {
        let told = net;
        let what = "net";
        return Err(RuleError::Off { what, told, sum });
    }
    let kind = transaction.kind()?;
    let (mut postings, customer) = against(&kind, gross, source)?;
    postings.extend([
        Posting::debit(Account::StripeBalance, net),
        Posting::debit(Account::Fees, fee),
    ]);
    let key = PostingKey {
        rule: "balance_transaction",
        object_id: transaction.id()?.to_owned(),
    };
    let booked = Transaction::new(key, transaction.created()?, customer, postings)?;
    Ok((!booked.postings().is_empty()).then_some(booked))
}

/// The other side of what reached or left the balance, and whose it is.
fn against(
    kind: &BalanceTransactionType,
    gross: Amount,
    source: &BalanceSource,
) -> Result<(Vec<Posting>, Option<CustomerId>), RuleError> {
    use BalanceTransactionType as Type;
    match (kind, source) {
        (Type::Charge | Type::Payment, BalanceSource::Charge(moved)) => {
            cleared(kind, gross, Way::In, moved)
        }
        (Type::Refund | Type::PaymentRefund, BalanceSource::Refund(moved)) => {
            cleared(kind, gross, Way::Out, moved)
        }
        (Type::RefundFailure, BalanceSource::Refund(moved)) => cleared(kind, gross, Way::In, moved),
        (Type::Adjustment, BalanceSource::Dispute { match_ref }) => {
            let line = Posting::credit(Account::Disputes, gross)?.matching(match_ref);
            Ok((vec![line], None))
        }
        (Type::Payout | Type::PayoutFailure | Type::PayoutCancel, _) => {
            Ok((vec![Posting::credit(Account::Bank, gross)?], None))
        }
        (Type::StripeFee, _) => Ok((vec![Posting::credit(Account::Fees, gross)?], None)),
        (Type::ApplicationFee | Type::Transfer | Type::Topup | Type::Unknown(_), _) => {
            Err(RuleError::UnknownType(kind.as_str().into()))
        }
        (_, BalanceSource::NotExpanded) => Err(RuleError::SourceNeeded),
        (_, _) => Err(RuleError::SourceKind(kind.as_str().into())),
    }
}

/// Which way the money went, seen from the balance.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    In,
    Out,
}

/// A payment or refund against clearing.
fn cleared(
    kind: &BalanceTransactionType,
    gross: Amount,
    way: Way,
    moved: &Moved,
) -> Result<(Vec<Posting>, Option<CustomerId>), RuleError> {
    let against_it = match way {
        Way::In => gross.minor() < 0,
        Way::Out => gross.minor() > 0,
    };
    if against_it {
        let kind = kind.as_str().into();
        return Err(RuleError::WrongWay {
            kind,
            amount: gross,
        });
    }
    let clearing = |amount| -> Result<Posting, RuleError> {
        Ok(Posting::credit(Account::StripeClearing, amount)?.matching(&moved.match_ref))
    };
    let postings = if moved.amount.currency() == gross.currency() {
        vec![clearing(gross)?]
    } else {
        let paid = match way {
            Way::In => moved.amount,
            Way::Out => moved.amount.checked_neg()?,
        };
        vec![
            clearing(paid)?,
            Posting::debit(Account::Fx, paid),
            Posting::credit(Account::Fx, gross)?,
        ]
    };
    Ok((postings, moved.customer.clone()))
}

#[cfg(test)]
mod tests;
