# What lettings cost.
price-from = from { $price } a night
price-title = Prices
price-caption = Prices of nights
price-when = Nights
price-each = A night
price-least = Shortest stay
price-nights = { $count ->
    [one] 1 night
   *[other] { $count } nights
}
price-every-night = Every night
price-weekday = Sunday to Thursday
price-weekend = Friday and Saturday
price-beside = Beside the nights
price-cleaning = Cleaning, once a stay
price-further-guest = { $count ->
    [one] Each guest beyond the first, a night
   *[other] Each guest beyond { $count }, a night
}
price-long-stay = From { $count } nights on
price-reduced = { $percent } off the nights
price-percent = { $number }%
price-tax-adult = Tax for each adult and night
price-tax-part = Tax on the nights
price-capped = { $percent }, at most { $price } for each adult and night
price-deposit = Deposit, given back after the stay
price-longest = Longest stay
stay-title = What your stay costs
stay-from = Arrival
stay-to = Departure
stay-adults = Adults
stay-children = Children
stay-ask = Show the total
stay-no-arrival = Choose the day of your arrival.
stay-past = This day is past.
stay-taken = Some of these nights are taken. The calendar shows which are free.
stay-no-departure = Choose the day of your departure.
stay-backwards = The departure has to be after the arrival.
stay-no-adult = How many adults come? At least one has to.
stay-no-number = How many children come? If none, write 0.
stay-no-children = This place is not suited to children.
stay-too-many = { $count ->
    [one] There is room for 1 guest.
   *[other] There is room for { $count } guests, children included.
}
stay-too-short = { $count ->
    [one] A stay that begins then has at least 1 night.
   *[other] A stay that begins then has at least { $count } nights.
}
stay-too-long = { $count ->
    [one] A stay has at most 1 night.
   *[other] A stay has at most { $count } nights.
}
stay-total = Total
stay-all-in = Everything that has to be paid is in it, taxes too.
stay-which = { $dates }: { $nights ->
    [one] 1 night
   *[other] { $nights } nights
}, { $guests ->
    [one] 1 guest
   *[other] { $guests } guests
}
stay-deposit = Beside it, a deposit of { $price }, which is given back after the stay.
stay-line-nights = { $nights ->
    [one] 1 night at { $price }
   *[other] { $nights } nights at { $price }
}
stay-line-guests = { $guests ->
    [one] 1 further guest
   *[other] { $guests } further guests
}, { $nights ->
    [one] 1 night
   *[other] { $nights } nights
} at { $price }
stay-line-reduction = Long stay, { $percent } off the nights
stay-line-cleaning = Cleaning
stay-line-tax = Tax
date-day = { $month } { $day }
date-with-year = { $date }, { $year }
date-span = { $first } to { $last }
date-month = { $month } { $year }
month-january = January
month-february = February
month-march = March
month-april = April
month-may = May
month-june = June
month-july = July
month-august = August
month-september = September
month-october = October
month-november = November
month-december = December

## Free nights

availability-title = Free nights
availability-hint = A day stands for the night that begins on it.
availability-key = Struck through: taken
availability-taken = taken
availability-all = All twelve months
weekday-monday = Monday
weekday-short-monday = Mo
weekday-tuesday = Tuesday
weekday-short-tuesday = Tu
weekday-wednesday = Wednesday
weekday-short-wednesday = We
weekday-thursday = Thursday
weekday-short-thursday = Th
weekday-friday = Friday
weekday-short-friday = Fr
weekday-saturday = Saturday
weekday-short-saturday = Sa
weekday-sunday = Sunday
weekday-short-sunday = Su
