//! What follows from a wish about a listing.

use super::{Closed, Command, Event, Listed, Listing, Rejection, Repriced, StockAdjusted};
use crate::{
    books::Holder,
    domain::{self, Context, ListingId, MerchantId, amount::check_amount, party::party, token},
    money::Money,
    state::State,
};

/// The most that a merchant can put on one shelf.
pub const STOCK_MAX: u64 = 1_000_000_000;

type Decision = Result<Vec<domain::Event>, Rejection>;

/// Decides what follows from `command`.
///
/// # Errors
/// The first [`Rejection`] in the order of its variants.
pub fn decide(state: &State, command: &Command, context: &Context) -> Decision {
    let event = match *command {
        Command::List { merchant, price, stock, is_shippable } => {
            let (realm, _) = party(state, Holder::Merchant(merchant), context)?;
            check_price(state, merchant, price)?;
            let stock = check_stock(stock.into())?;
            let listing = state.next_listing();
            Event::Listed(Listed { listing, realm, merchant, price, stock, is_shippable })
        }
        Command::Reprice { listing, price } => {
            let known = find_open(state, listing, context)?;
            check_price(state, known.merchant, price)?;
            Event::Repriced(Repriced { listing, price })
        }
        Command::AdjustStock { listing, by } => {
            let known = find_open(state, listing, context)?;
            let stock = check_stock(i128::from(known.stock) + i128::from(by))?;
            Event::StockAdjusted(StockAdjusted { listing, by, stock })
        }
        Command::Close { listing } => {
            find_open(state, listing, context)?;
            Event::Closed(Closed { listing })
        }
    };
    Ok(vec![event.into()])
}

fn find_open(state: &State, listing: ListingId, context: &Context) -> Result<Listing, Rejection> {
    let known = state.listings.get(&listing).filter(|known| known.belongs_to(context));
    let known = known.ok_or(Rejection::Unknown(listing))?;
    if known.is_closed { Err(Rejection::Closed(listing)) } else { Ok(known) }
}

fn check_price(state: &State, merchant: MerchantId, price: Money) -> Result<(), Rejection> {
    check_amount(price)?;
    let is_payable = token::is_for(state, price.currency, merchant);
    if is_payable { Ok(()) } else { Err(Rejection::UnknownToken(price.currency)) }
}

fn check_stock(stock: i128) -> Result<u64, Rejection> {
    u64::try_from(stock).ok().filter(|stock| *stock <= STOCK_MAX).ok_or(Rejection::Stock { stock })
}
