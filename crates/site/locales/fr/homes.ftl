# Ce qu’offrent les locations.
decimal-point = ,
offer-kind-house = Maison
offer-kind-apartment = Appartement
offer-kind-cabin = Cabane
offer-kind-cottage = Maisonnette
offer-kind-villa = Villa
offer-kind-studio = Studio
offer-kind-boat = Bateau
offer-kind-caravan = Caravane
offer-kind-room = Chambre
offer-kind-other = Lieu de séjour
offer-sleeps = { $count ->
    [one] 1 personne
   *[other] { $count } personnes
}
offer-bedrooms = { $count ->
    [0] Sans chambre séparée
    [one] 1 chambre
   *[other] { $count } chambres
}
offer-bathrooms = { $halves ->
    [1] Un cabinet de toilette
    [2] 1 salle de bains
    [3] { $number } salle de bains
   *[other] { $number } salles de bains
}
offer-square-feet = { $number } pieds carrés
offer-square-metres = { $number } m²
offer-beds = Couchages
offer-double-beds = { $count ->
    [one] 1 lit double
   *[other] { $count } lits doubles
}
offer-single-beds = { $count ->
    [one] 1 lit simple
   *[other] { $count } lits simples
}
offer-sofa-beds = { $count ->
    [one] 1 canapé-lit
   *[other] { $count } canapés-lits
}
offer-amenities = Équipements
offer-rules = Bon à savoir
offer-check-in = Arrivée à partir de { $time }
offer-check-out = Départ avant { $time }
offer-children = { $allowed ->
    [yes] Les enfants sont les bienvenus
   *[no] Ne convient pas aux enfants
}
offer-pets = { $allowed ->
    [yes] Les animaux sont les bienvenus
   *[no] Animaux non admis
}
offer-smoking = { $allowed ->
    [yes] Il est permis de fumer
   *[no] Il est interdit de fumer
}
offer-permit = Numéro d’enregistrement : { $number }
amenity-wifi = Wi-Fi
amenity-kitchen = Cuisine
amenity-washing-machine = Lave-linge
amenity-dryer = Sèche-linge
amenity-air-conditioning = Climatisation
amenity-heating = Chauffage
amenity-fireplace = Cheminée
amenity-tv = Télévision
amenity-workspace = Espace de travail
amenity-dishwasher = Lave-vaisselle
amenity-refrigerator = Réfrigérateur
amenity-oven = Four
amenity-microwave = Micro-ondes
amenity-coffee-maker = Cafetière
amenity-bed-linen = Draps
amenity-towels = Serviettes
amenity-hair-dryer = Sèche-cheveux
amenity-iron = Fer à repasser
amenity-bathtub = Baignoire
amenity-cot = Lit de bébé
amenity-high-chair = Chaise haute
amenity-parking = Stationnement
amenity-garage = Garage
amenity-car-charger = Borne de recharge
amenity-bicycles = Vélos
amenity-terrace = Terrasse
amenity-balcony = Balcon
amenity-garden = Jardin
amenity-barbecue = Barbecue
amenity-pool = Piscine
amenity-hot-tub = Bain à remous
amenity-sauna = Sauna
amenity-sea-view = Vue sur la mer
amenity-waterfront = Au bord de l’eau
amenity-boat = Barque
amenity-step-free = Accès de plain-pied
amenity-lift = Ascenseur
amenity-wide-doors = Portes larges
amenity-smoke-alarm = Détecteur de fumée
amenity-carbon-monoxide-alarm = Détecteur de monoxyde de carbone
amenity-fire-extinguisher = Extincteur
amenity-first-aid-kit = Trousse de premiers secours
