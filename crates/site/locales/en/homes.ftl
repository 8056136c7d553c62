# What lettings offer.
decimal-point = .
offer-kind-house = House
offer-kind-apartment = Apartment
offer-kind-cabin = Cabin
offer-kind-cottage = Cottage
offer-kind-villa = Villa
offer-kind-studio = Studio
offer-kind-boat = Boat
offer-kind-caravan = Caravan
offer-kind-room = Room
offer-kind-other = Place to stay
offer-sleeps = Sleeps { $count }
offer-bedrooms = { $count ->
    [0] No separate bedroom
    [one] 1 bedroom
   *[other] { $count } bedrooms
}
offer-bathrooms = { $halves ->
    [1] Half a bathroom
    [2] 1 bathroom
   *[other] { $number } bathrooms
}
offer-square-feet = { $number } sq ft
offer-square-metres = { $number } m²
offer-beds = Beds
offer-double-beds = { $count ->
    [one] 1 double bed
   *[other] { $count } double beds
}
offer-single-beds = { $count ->
    [one] 1 single bed
   *[other] { $count } single beds
}
offer-sofa-beds = { $count ->
    [one] 1 sofa bed
   *[other] { $count } sofa beds
}
offer-amenities = What it has
offer-rules = Good to know
offer-check-in = Check-in from { $time }
offer-check-out = Check-out by { $time }
offer-children = { $allowed ->
    [yes] Children are welcome
   *[no] Not suited to children
}
offer-pets = { $allowed ->
    [yes] Pets are welcome
   *[no] No pets
}
offer-smoking = { $allowed ->
    [yes] Smoking is allowed
   *[no] No smoking
}
offer-permit = Permit or registration: { $number }
amenity-wifi = Wi-Fi
amenity-kitchen = Kitchen
amenity-washing-machine = Washing machine
amenity-dryer = Dryer
amenity-air-conditioning = Air conditioning
amenity-heating = Heating
amenity-fireplace = Fireplace
amenity-tv = Television
amenity-workspace = Place to work
amenity-dishwasher = Dishwasher
amenity-refrigerator = Refrigerator
amenity-oven = Oven
amenity-microwave = Microwave
amenity-coffee-maker = Coffee maker
amenity-bed-linen = Bed linen
amenity-towels = Towels
amenity-hair-dryer = Hair dryer
amenity-iron = Iron
amenity-bathtub = Bathtub
amenity-cot = Cot
amenity-high-chair = High chair
amenity-parking = Parking
amenity-garage = Garage
amenity-car-charger = Charger for a car
amenity-bicycles = Bicycles
amenity-terrace = Terrace
amenity-balcony = Balcony
amenity-garden = Garden
amenity-barbecue = Barbecue
amenity-pool = Pool
amenity-hot-tub = Hot tub
amenity-sauna = Sauna
amenity-sea-view = Sea view
amenity-waterfront = By the water
amenity-boat = Boat
amenity-step-free = Step-free access
amenity-lift = Elevator
amenity-wide-doors = Wide doors
amenity-smoke-alarm = Smoke alarm
amenity-carbon-monoxide-alarm = Carbon monoxide alarm
amenity-fire-extinguisher = Fire extinguisher
amenity-first-aid-kit = First-aid kit

# The form of a home.
app-homes = Homes
model-home = home
model-homes = homes
model-season = season
model-seasons = seasons
home-letting = Title and address
home-photos = Photos
home-describe = What it offers
home-publication = Publication
home-size = Size
home-beds = Beds
home-rules = Times and rules
home-place = Place
home-texts = Texts
home-amenities = Amenities
home-prices = Prices
field-completeness = Completeness
completeness-whole = Complete
completeness-missing = Missing: { $parts }
completeness-none = Not described yet
part-photos = photos
part-times = times
part-place = place
part-texts = texts
part-amenities = amenities
part-prices = prices
field-letting = Letting
field-is-published = Published
help-is-published = Off: a draft that only staff can see, in no list and no search.
field-kind = Kind of home
field-sleeps = Sleeps
field-bedrooms = Bedrooms
field-double-beds = Double beds
field-single-beds = Single beds
field-sofa-beds = Sofa beds
field-half-bathrooms = Bathrooms
help-half-bathrooms = 1.5 for one with a bath or shower and one without.
field-area = Area in m²
help-area = Shown in square feet where the home is in the United States.
field-check-in = Check-in from
field-check-out = Check-out by
field-allows-pets = Pets are welcome
field-allows-smoking = Smoking is allowed
field-allows-children = Children are welcome
field-latitude = Latitude
help-latitude = As maps show it, such as 33.64123. North and east are positive, south and west negative.
field-longitude = Longitude
field-permit = Permit or registration number
help-permit = Shown on the page, as many towns ask.
field-shows-street = Show the street to everybody
help-shows-street = Off: the public sees the town alone.
field-summary-en = Summary in English
field-summary-fr = Summary in French
help-summary = One sentence, at most 160 characters. A language without one shows the other's.
field-description-en = Description in English
field-description-fr = Description in French
help-description = An empty line begins a paragraph, “* ” at the start of a line a list, *stars* make italics, **two stars** bold.
field-amenities = Amenities
field-night-price = Price of a night
help-night-price = Empty: the page shows no price.
field-weekend-price = Price of a night on Friday and Saturday
help-weekend-price = Empty: as on other days.
field-min-nights = Fewest nights
field-max-nights = Most nights
field-cleaning-price = Cleaning
help-cleaning-price = Once a stay.
field-guests-included = Guests included
help-guests-included = Empty: the price is for all the home sleeps.
field-further-guest-price = Each further guest and night
field-weekly-percentage = Weekly reduction in percent
field-monthly-percentage = Monthly reduction in percent
help-monthly-percentage = From 28 nights on, in place of the weekly one.
field-deposit = Deposit
help-deposit = Given back after the stay, and not part of the total.
field-tax-kind = Tourist tax
tax-none = None
tax-adult-night = An amount for each adult and night
tax-percentage = A percentage of the nights
field-tax-amount = Tax: amount or percentage
help-tax-amount = 2.50 for an amount, 5 for five percent.
field-tax-cap = Tax: at most, for each adult and night
help-tax-cap = For a percentage that the law limits.
field-first-night = First night
field-last-night = Last night
error-time-of-day = Enter a time of the day, such as 15:00.
model-written-address = postal form
field-postal-code = Postal code
help-written-number = Only if it is more than a number, such as 12 bis.
help-postal-code = Only if it is more than a number, such as SW1A 1AA.
gallery-title = Photos
gallery-photo = Photo { $number }
gallery-count = { $count } photos
gallery-close = Close
gallery-previous = Previous photo
gallery-next = Next photo
photos-title = Photos of { $title }
photos-see = See it on the site
photos-no-home = Photos belong to the description of a home, and this letting has none yet.
photos-add-home = Describe the home
photos-choose = Add photos
photos-help = JPEG, PNG or WebP, up to 20 MB each, { $most } in all. Place and camera are taken out of them. The wider the photo, the better: 1920 pixels are enough.
photos-send = Send
photos-empty = There is no photo yet. The first one becomes the cover.
photos-cover = Cover
photos-alt = { $language ->
    [fr] What is seen on it, in French
   *[en] What is seen on it, in English
}
photos-up = Earlier
photos-up-number = Earlier: photo { $number }
photos-down = Later
photos-down-number = Later: photo { $number }
photos-make-cover = Make it the cover
photos-make-cover-number = Make it the cover: photo { $number }
photos-delete = Delete
photos-save = Save
photos-saved = The photos were saved.
photos-added = { $count ->
    [one] 1 photo was added.
   *[other] { $count } photos were added.
}
photos-none-chosen = No file was chosen.
photos-refused = { $name }: { $why }
photos-crossed = Somebody else has changed these photos meanwhile, so that nothing was saved. What you typed is still here: look, and save again.
photos-not-saved = Nothing was saved yet: please correct what is marked below.
photos-waiting = Waiting
photos-sending = Sending
photos-preparing = Being prepared
photos-done = Added
photo-error-empty = The file is empty.
photo-error-file-too-large = The file is larger than 20 MB.
photo-error-no-photo = The file is not a JPEG, PNG or WebP photo.
photo-error-too-many-pixels = The photo has more than 50 megapixels.
photo-error-too-long = One side of the photo is more than eight times as long as the other.
photo-error-moving = The file is a moving picture, not a photo.
photo-error-too-much-memory = The photo takes too much memory to read. Save it smaller, or as a simple JPEG.
photo-error-damaged = The file cannot be read as a photo.
photo-error-unavailable = The photo cannot be read at the moment. Try again later.
photo-error-twice = This photo is there already.
photo-error-too-many = There are { $most } photos already, which is as many as there may be.
