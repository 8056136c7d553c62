# The pages of the site. Words that visitors knew from before stay as they were.
skip-to-content = Skip to content
main-navigation = Main
page-navigation = Pages
nav-home = Home
nav-lettings = Lettings
nav-profiles = Profiles
nav-back = Back
nav-previous = Previous
nav-next = Next
footer-name = Orange County Lettings

home-title = Holiday Homes
home-heading = Welcome to Holiday Homes
home-introduction = Homes to stay in, and the people who stay in them.
home-empty-heading = This site is still empty
home-empty-introduction = There is no letting, no profile and no account yet. The operator of the site can fill it from the command line:
home-empty-demo = with example lettings and profiles
home-empty-staff = of the Django project on the same database, with an account for the first member of staff

letting-list-title = Lettings
letting-list-empty = No lettings are available.

letting-address = Address

profile-list-title = Profiles
profile-list-empty = No profiles are available.

profile-first-name = First name
profile-last-name = Last name
profile-email = Email
profile-favorite-city = Favorite city
