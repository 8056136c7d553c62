# Searching lettings.
search-title = Find a home
search-words = Words
search-place = Where
search-from = Arrival
search-to = Departure
search-guests = Guests
search-bedrooms = Bedrooms, at least
search-min = Price from ({ $currency })
search-max = Price up to ({ $currency })
search-kind = Kind of home
search-amenities = It has to have
search-sort = Order
search-any = Any
search-more = More filters
search-find = Search
search-sort-best = Best match
search-sort-newest = Newest first
search-sort-price = Lowest price first
search-sort-sleeps = Largest first
search-total = { $count ->
    [one] 1 home
   *[other] { $count } homes
}
search-total-in = { $count ->
    [one] 1 home in { $place }
   *[other] { $count } homes in { $place }
}
search-total-more = More than { $count } homes. A further filter helps.
search-total-more-sorted = More than { $count } homes, of which the newest { $count } are sorted. A further filter helps.
search-filters = Filters in use
search-take-off = Take off: { $value }
search-take-off-all = Take off all
search-said-words = “{ $value }”
search-said-place = Where: { $value }
search-said-dates = Free { $value }
search-said-guests = { $value ->
    [one] For 1 guest
   *[other] For { $value } guests
}
search-said-bedrooms = { $value ->
    [one] 1 bedroom or more
   *[other] { $value } bedrooms or more
}
search-said-min = From { $value }
search-said-max = Up to { $value }
search-said-choice = { $value }
search-forgiven = Nothing here has the word “{ $word }”. It was read as “{ $taken }”.
search-nothing = No home has all of this.
search-drop = Without one of the filters there are homes:
search-drop-one = { $count ->
    [one] without { $value }: 1 home
   *[other] without { $value }: { $count } homes
}
search-near = The nearest to it
search-or = { $first } or { $second }
search-wrong-long = Please use { $most } characters at most.
search-wrong-signs = This has characters that cannot be searched for.
search-wrong-number = Please enter a whole number from { $least } to { $most }.
search-wrong-choice = Please choose from the list.
search-wrong-day = Write a day as 2027-07-03.
search-wrong-other-day = Nights have an arrival and a departure: choose both.
search-wrong-order = The highest price is below the lowest.
page-number-of = Page { $number } of { $count }
place-title = Holiday homes in { $place }
place-description = Holiday homes in { $place }, each with its address, what it offers and what it costs.
place-cities = Cities
search-suggestions = Places and homes
search-suggested-place = Place

profile-search-title = Find a profile
profile-search-label = Name
profile-search-total = { $count ->
    [one] 1 profile
   *[other] { $count } profiles
}
profile-search-more = More than { $count } profiles. A longer name helps.
profile-search-nothing = No profile has such a name.
profile-search-all = All profiles
profile-search-forgiven = Nobody here has the name “{ $word }”. It was read as “{ $taken }”.
