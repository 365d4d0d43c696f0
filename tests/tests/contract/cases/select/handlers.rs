//! What a branch does, and what it goes back to.

use super::*;

#[test]
fn handlers_may_use_what_the_futures_borrow() {
    async fn push(to: &mut Vec<u32>) {
        to.push(1);
        pending::<()>().await;
    }
    check_async(async || {
        let mut values = Vec::new();
        let moved = rt::select! {
            () = push(&mut values) => unreachable!(),
            () = super::super::yield_times(2) => {
                values.push(2);
                values
            }
        };
        assert_eq!(moved, [1, 2]);
        let mut text = String::from("a");
        rt::select! {
            biased;
            n = async { text.len() } => text.push_str(&n.to_string()),
            () = pending() => drop(text.clone()),
        }
        assert_eq!(text, "a1");
    });
}

#[test]
fn handlers_await_break_continue_return_and_fail() {
    async fn first_even(mut numbers: mpsc::UnboundedReceiver<u32>) -> Result<u32, String> {
        let mut odd = 0;
        let last = loop {
            rt::select! {
                Some(n) = numbers.next() => {
                    rt::task::yield_now().await;
                    match n {
                        0 => Err("zero")?,
                        100 => break n,
                        n if n % 2 == 0 => return Ok(n),
                        _ => {}
                    }
                    odd += 1;
                    continue;
                }
                else => return Err(format!("{odd} odd numbers")),
            }
        };
        Ok(last + odd)
    }
    fn numbers<const N: usize>(numbers: [u32; N]) -> mpsc::UnboundedReceiver<u32> {
        let (sender, receiver) = mpsc::unbounded();
        numbers.into_iter().for_each(|n| sender.unbounded_send(n).unwrap());
        receiver
    }
    check_async(async || {
        assert_eq!(first_even(numbers([1, 3, 4, 5])).await, Ok(4));
        assert_eq!(first_even(numbers([1, 100])).await, Ok(101));
        assert_eq!(first_even(numbers([1, 0])).await, Err("zero".to_owned()));
        assert_eq!(first_even(numbers([1, 3, 5])).await, Err("3 odd numbers".to_owned()));
    });
}

#[test]
fn a_future_given_by_reference_goes_on_in_the_next_round() {
    check_async(async || {
        let (sender, receiver) = oneshot::channel();
        let mut sender = Some(sender);
        rt::pin!(receiver);
        let mut rounds = 0;
        let received = loop {
            rt::select! {
                received = &mut receiver => break received,
                () = rt::task::yield_now(), if rounds < 5 => {
                    rounds += 1;
                    if rounds == 5 {
                        sender.take().unwrap().send(rounds).unwrap();
                    }
                }
            }
        };
        assert_eq!(received, Ok(5));
    });
}

#[test]
fn it_may_stand_in_a_branch_of_another() {
    check_async(async || {
        let n = rt::select! {
            n = async { rt::select! { n = ready(1) => n + 1, () = pending() => 0 } } => {
                rt::select! { m = ready(n) => m + 1, () = pending() => 0 }
            }
            () = pending() => 0,
        };
        assert_eq!(n, 3);
    });
}
