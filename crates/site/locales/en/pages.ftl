# The pages of the site. Words that visitors knew from before stay as they were.
site-name = Orange County Lettings
skip-to-content = Skip to content
main-navigation = Main
page-navigation = Pages
breadcrumb-navigation = You are here
language-switch = Language
nav-home = Home
nav-lettings = Lettings
nav-profiles = Profiles
nav-back = Back
nav-previous = Previous
nav-next = Next
page-number = Page { $number }
footer-line = Holiday homes, and the people who stay in them.

home-title = Holiday Homes
home-heading = Welcome to Holiday Homes
home-description = Holiday homes by the sea, in the groves and in town, let by Orange County Lettings.
home-introduction = A porch by the sea, a cabin under the pines, a flat above the street: find the place that waits for you, and meet the people who have stayed there.
home-newest = Latest additions
home-all-lettings = All lettings
home-empty-heading = This site is still empty
home-empty-introduction = There is no letting, no profile and no account yet. The operator of the site can fill it from the command line:
home-empty-demo = with example lettings and profiles
home-empty-staff = with an account for the first member of staff

letting-list-title = Lettings
letting-list-description = Every holiday home of Orange County Lettings, each with its address.
feed-title = The newest lettings
letting-list-empty = No lettings are available.

letting-document-title = { $title }, { $city } – sleeps { $count }
letting-description = { $title }: a holiday home in { $place }. See the address, and where it is on the map.
letting-draft = A draft: staff alone see this page.
letting-edit = Edit this letting
letting-address = Address
letting-open-map = Open in a map application
letting-see-map = See it on OpenStreetMap
letting-copy = Copy the address
letting-copied = Copied
letting-share = Share
letting-shared = The address of this page is copied.
letting-neighbours = Other lettings

profile-list-title = Profiles
profile-list-description = The people who stay in the homes of Orange County Lettings.
profile-list-empty = No profiles are available.

profile-description = The profile of { $username } at Orange County Lettings, with a favorite city.
profile-first-name = First name
profile-last-name = Last name
profile-email = Email
profile-favorite-city = Favorite city
profile-lettings = { $count ->
    [one] A letting in { $city }
   *[other] Lettings in { $city }
}

components-title = Components
