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
