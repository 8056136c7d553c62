//! Each kind of charge with its figures.

use proptest::prelude::*;

use super::*;

/// 1 March 2027 is a Monday.
fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn night_prices() -> NightPrices {
    NightPrices {
        night: 10_000,
        weekend: None,
        seasons: Vec::new(),
    }
}

fn prices() -> Prices {
    Prices {
        nights: night_prices(),
        cleaning: 0,
        deposit: 0,
        guests_included: None,
        further_guest: 0,
        weekly_percentage: 0,
        monthly_percentage: 0,
        tax: Tax::None,
        min_nights: 1,
        max_nights: None,
        sleeps: 6,
    }
}

fn season(first: &str, last: &str, night: i64) -> Season {
    Season {
        first: day(first),
        last: day(last),
        night,
        min_nights: None,
    }
}

/// Two adults.
fn stay(arrival: &str, departure: &str) -> Stay {
    Stay {
        arrival: day(arrival),
        departure: day(departure),
        adults: 2,
        children: 0,
    }
}

fn nights(nights: i64, price: i64) -> (Charge, i64) {
    (Charge::Nights { nights, price }, nights * price)
}

#[track_caller]
fn assert_lines(prices: &Prices, stay: &Stay, expected: &[(Charge, i64)]) {
    let quote = quote(prices, stay).unwrap();
    let lines: Vec<_> = quote
        .lines
        .iter()
        .map(|line| (line.charge, line.amount))
        .collect();
    assert_eq!(lines, expected);
    let sum: i64 = expected.iter().map(|(_, amount)| amount).sum();
    assert_eq!(quote.total, sum);
    assert_eq!(quote.deposit, prices.deposit);
}

#[test]
fn each_night_goes_by_its_own_date() {
    let with_weekend = Prices {
        nights: NightPrices {
            weekend: Some(15_000),
            ..night_prices()
        },
        ..prices()
    };
    let with_seasons = Prices {
        nights: NightPrices {
            seasons: vec![
                season("2027-03-03", "2027-03-31", 20_000),
                season("2027-03-10", "2027-03-11", 30_000),
            ],
            ..with_weekend.nights.clone()
        },
        ..prices()
    };
    for (prices, from, to, expected) in [
        (
            &prices(),
            "2027-03-01",
            "2027-03-04",
            &[nights(3, 10_000)][..],
        ),
        // Thursday to Sunday: Friday and Saturday are the weekend's nights, Sunday is none.
        (
            &with_weekend,
            "2027-03-04",
            "2027-03-08",
            &[nights(2, 10_000), nights(2, 15_000)],
        ),
        // The last night before the season, and one of it.
        (
            &with_seasons,
            "2027-03-02",
            "2027-03-04",
            &[nights(1, 10_000), nights(1, 20_000)],
        ),
        // A season's price on a weekend, and a season within a season.
        (
            &with_seasons,
            "2027-03-05",
            "2027-03-07",
            &[nights(2, 20_000)],
        ),
        (
            &with_seasons,
            "2027-03-09",
            "2027-03-13",
            &[nights(2, 20_000), nights(2, 30_000)],
        ),
        // Its last night, the day after which is a Thursday; and a leap day.
        (
            &with_seasons,
            "2027-03-31",
            "2027-04-02",
            &[nights(1, 20_000), nights(1, 10_000)],
        ),
        (&prices(), "2028-02-28", "2028-03-01", &[nights(2, 10_000)]),
    ] {
        assert_lines(prices, &stay(from, to), expected);
    }
}

#[test]
fn guests_beyond_those_included_pay_a_night() {
    let prices = Prices {
        guests_included: Some(2),
        further_guest: 1_500,
        ..prices()
    };
    let further = Charge::FurtherGuests {
        guests: 2,
        nights: 3,
        price: 1_500,
    };
    for (adults, children, expected) in [
        (1, 0, None),
        (2, 0, None),
        (3, 1, Some((further, 9_000))),
        (1, 3, Some((further, 9_000))),
    ] {
        let stay = Stay {
            adults,
            children,
            ..stay("2027-03-01", "2027-03-04")
        };
        let mut lines = vec![nights(3, 10_000)];
        lines.extend(expected);
        assert_lines(&prices, &stay, &lines);
    }
}

#[test]
fn long_stays_are_reduced_and_cleaning_is_not() {
    let weekly = Prices {
        weekly_percentage: 10,
        cleaning: 5_000,
        deposit: 30_000,
        ..prices()
    };
    let both = Prices {
        monthly_percentage: 25,
        ..weekly.clone()
    };
    let cleaning = (Charge::Cleaning, 5_000);
    let reduction = |percentage, amount: i64| (Charge::Reduction(percentage), -amount);
    for (prices, to, expected) in [
        (&weekly, "2027-03-07", &[nights(6, 10_000), cleaning][..]),
        (
            &weekly,
            "2027-03-08",
            &[nights(7, 10_000), reduction(10, 7_000), cleaning],
        ),
        (
            &weekly,
            "2027-03-29",
            &[nights(28, 10_000), reduction(10, 28_000), cleaning],
        ),
        (
            &both,
            "2027-03-28",
            &[nights(27, 10_000), reduction(10, 27_000), cleaning],
        ),
        (
            &both,
            "2027-03-29",
            &[nights(28, 10_000), reduction(25, 70_000), cleaning],
        ),
    ] {
        assert_lines(prices, &stay("2027-03-01", to), expected);
    }
}

#[test]
fn a_reduction_is_rounded_once_and_a_half_upwards() {
    for (night, percentage, expected) in [(1_001, 7, 490), (1_050, 10, 735), (1_003, 50, 3_511)] {
        let prices = Prices {
            nights: NightPrices {
                night,
                ..night_prices()
            },
            weekly_percentage: percentage,
            ..prices()
        };
        let reduction = (Charge::Reduction(percentage), -expected);
        let lines = [nights(7, night), reduction];
        assert_lines(&prices, &stay("2027-03-01", "2027-03-08"), &lines);
    }
    let free = Prices {
        weekly_percentage: 100,
        ..prices()
    };
    let quote = quote(&free, &stay("2027-03-01", "2027-03-08")).unwrap();
    assert_eq!(quote.total, 0);
}

#[test]
fn a_tax_is_on_adults_and_nights_or_on_the_price_of_the_nights() {
    let family = |adults, children| Stay {
        adults,
        children,
        ..stay("2027-03-01", "2027-03-04")
    };
    let percentage = |hundredths, cap| Tax::CappedPercentage { hundredths, cap };
    for (tax, stay, expected) in [
        (Tax::PerAdultNight(165), family(2, 2), 990),
        (Tax::PerAdultNight(165), family(1, 0), 495),
        (Tax::Percentage(1_000), family(2, 2), 3_000),
        (Tax::Percentage(1_275), family(1, 0), 3_825),
        // 10,000 a night for four are 2,500 for each, of which 5 % are 125; two are adults.
        (percentage(500, 300), family(2, 2), 125 * 2 * 3),
        (percentage(500, 100), family(2, 2), 100 * 2 * 3),
        // 3,333.3 for each of three, of which 5 % are 166.67: rounded for one adult and night.
        (percentage(500, 300), family(3, 0), 167 * 3 * 3),
        (percentage(500, 0), family(2, 0), 0),
    ] {
        let prices = Prices {
            tax,
            // Neither is taxed.
            cleaning: 5_000,
            deposit: 9_000,
            ..prices()
        };
        let mut lines = vec![nights(3, 10_000), (Charge::Cleaning, 5_000)];
        if expected > 0 {
            lines.push((Charge::Tax, expected));
        }
        assert_lines(&prices, &stay, &lines);
    }
}

#[test]
fn a_percentage_is_of_the_nights_as_they_are_paid() {
    let prices = Prices {
        guests_included: Some(1),
        further_guest: 1_000,
        weekly_percentage: 10,
        tax: Tax::Percentage(1_000),
        ..prices()
    };
    let further = Charge::FurtherGuests {
        guests: 1,
        nights: 7,
        price: 1_000,
    };
    let lines = [
        nights(7, 10_000),
        (further, 7_000),
        (Charge::Reduction(10), -7_000),
        (Charge::Tax, 7_000),
    ];
    assert_lines(&prices, &stay("2027-03-01", "2027-03-08"), &lines);
}

#[test]
fn what_a_home_does_not_take_has_no_price() {
    let summer = Season {
        min_nights: Some(7),
        ..season("2027-07-01", "2027-08-31", 20_000)
    };
    let prices = Prices {
        nights: NightPrices {
            seasons: vec![summer],
            ..night_prices()
        },
        min_nights: 2,
        max_nights: Some(14),
        ..prices()
    };
    let guests = |adults, children| Stay {
        adults,
        children,
        ..stay("2027-03-01", "2027-03-04")
    };
    for (stay, refusal) in [
        (stay("2027-03-01", "2027-03-01"), Refusal::NoNight),
        (stay("2027-03-02", "2027-03-01"), Refusal::NoNight),
        (guests(0, 2), Refusal::NoAdult),
        (guests(1, -1), Refusal::NoAdult),
        (guests(4, 3), Refusal::TooManyGuests(6)),
        (guests(i64::MAX, i64::MAX), Refusal::TooManyGuests(6)),
        (stay("2027-03-01", "2027-03-02"), Refusal::TooShort(2)),
        (stay("2027-03-01", "2027-03-16"), Refusal::TooLong(14)),
        (stay("2027-03-01", "9999-12-31"), Refusal::TooLong(14)),
        // The season of the arrival counts, not that of the other nights.
        (stay("2027-07-01", "2027-07-07"), Refusal::TooShort(7)),
        (stay("2027-08-31", "2027-09-02"), Refusal::TooShort(7)),
    ] {
        assert_eq!(quote(&prices, &stay), Err(refusal), "{stay:?}");
    }
    let unbound = Prices {
        max_nights: None,
        ..prices.clone()
    };
    let year = stay("2027-03-01", "2028-03-01");
    assert_eq!(quote(&unbound, &year), Err(Refusal::TooLong(365)));
    assert!(quote(&prices, &stay("2027-06-29", "2027-07-02")).is_ok());
    assert!(quote(&prices, &stay("2027-07-01", "2027-07-08")).is_ok());
}

#[test]
fn the_lowest_night_is_one_of_the_next_year() {
    let with = |seasons| NightPrices {
        weekend: Some(9_000),
        seasons,
        ..night_prices()
    };
    let today = day("2027-03-01");
    for (seasons, expected) in [
        (Vec::new(), 9_000),
        (vec![season("2027-11-01", "2027-11-30", 7_000)], 7_000),
        (vec![season("2026-11-01", "2027-02-28", 7_000)], 9_000),
        (vec![season("2028-02-28", "2028-03-30", 7_000)], 7_000),
        (vec![season("2028-02-29", "2028-03-30", 7_000)], 9_000),
        // No night is left to the other prices.
        (vec![season("2027-01-01", "2028-12-31", 20_000)], 20_000),
    ] {
        assert_eq!(lowest_night(&with(seasons), today), expected);
    }
}

#[test]
fn the_largest_amounts_fit() {
    let most = 1_000_000_000;
    let prices = Prices {
        nights: NightPrices {
            night: most,
            ..night_prices()
        },
        cleaning: most,
        guests_included: Some(1),
        further_guest: most,
        weekly_percentage: 1,
        tax: Tax::CappedPercentage {
            hundredths: 10_000,
            cap: most,
        },
        max_nights: Some(365),
        sleeps: 50,
        ..prices()
    };
    let stay = Stay {
        adults: 50,
        ..stay("2027-01-01", "2028-01-01")
    };
    assert!(quote(&prices, &stay).unwrap().total > 0);
}

proptest! {
    #[test]
    fn the_lowest_night_is_lower_than_none(
        seasons in prop::collection::vec((-200..400_i64, 0..200_i64, 1..9_i64), 0..5),
        weekend in prop::option::of(1..9_i64),
    ) {
        let today = day("2027-03-01");
        let seasons = seasons.into_iter().map(|(first, nights, night)| Season {
            first: today + chrono::Duration::days(first),
            last: today + chrono::Duration::days(first + nights),
            night,
            min_nights: None,
        });
        let prices = NightPrices { weekend, seasons: seasons.collect(), night: 5 };
        let all = nights_of(today, today + Days::new(AHEAD));
        let least = all.map(|night| price_of(&prices, night)).min();
        prop_assert_eq!(Some(lowest_night(&prices, today)), least);
    }
}
