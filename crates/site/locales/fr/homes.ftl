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

# Le formulaire d’un hébergement.
app-homes = Hébergements
model-home = hébergement
model-homes = hébergements
model-season = saison
model-seasons = saisons
home-letting = Titre et adresse
home-photos = Photos
home-describe = Ce qu’elle offre
home-publication = Publication
home-size = Taille
home-beds = Lits
home-rules = Horaires et règles
home-place = Lieu
home-texts = Textes
home-amenities = Équipements
home-prices = Prix
field-completeness = Avancement
completeness-whole = Complet
completeness-missing = Il manque : { $parts }
completeness-none = Pas encore décrite
part-photos = photos
part-times = horaires
part-place = lieu
part-texts = textes
part-amenities = équipements
part-prices = prix
field-letting = Location
field-is-published = Publié
help-is-published = Décoché : un brouillon que seule l’équipe voit, dans aucune liste ni recherche.
field-kind = Type d’hébergement
field-sleeps = Couchages
field-bedrooms = Chambres
field-double-beds = Lits doubles
field-single-beds = Lits simples
field-sofa-beds = Canapés-lits
field-half-bathrooms = Salles de bain
help-half-bathrooms = 1,5 pour une avec bain ou douche et une sans.
field-area = Surface en m²
help-area = Affichée en pieds carrés si l’hébergement est aux États-Unis.
field-check-in = Arrivée à partir de
field-check-out = Départ au plus tard à
field-allows-pets = Animaux bienvenus
field-allows-smoking = On peut fumer
field-allows-children = Enfants bienvenus
field-latitude = Latitude
help-latitude = Comme sur les cartes, par exemple 33.64123. Le nord et l’est sont positifs, le sud et l’ouest négatifs.
field-longitude = Longitude
field-permit = Numéro d’enregistrement
help-permit = Affiché sur la page, comme la loi le demande.
field-shows-street = Montrer la rue à tout le monde
help-shows-street = Décoché : le public ne voit que la ville.
field-summary-en = Résumé en anglais
field-summary-fr = Résumé en français
help-summary = Une phrase, 160 caractères au plus. Une langue sans résumé montre celui de l’autre.
field-description-en = Description en anglais
field-description-fr = Description en français
help-description = Une ligne vide commence un paragraphe, « * » en début de ligne une liste, *des étoiles* mettent en italique, **deux étoiles** en gras.
field-amenities = Équipements
field-night-price = Prix d’une nuit
help-night-price = Vide : la page ne montre aucun prix.
field-weekend-price = Prix d’une nuit le vendredi et le samedi
help-weekend-price = Vide : comme les autres jours.
field-min-nights = Nuits au moins
field-max-nights = Nuits au plus
field-cleaning-price = Ménage
help-cleaning-price = Une fois par séjour.
field-guests-included = Personnes comprises
help-guests-included = Vide : le prix vaut pour tous les couchages.
field-further-guest-price = Chaque personne de plus, par nuit
field-weekly-percentage = Réduction à la semaine, en pour cent
field-monthly-percentage = Réduction au mois, en pour cent
help-monthly-percentage = À partir de 28 nuits, à la place de celle à la semaine.
field-deposit = Caution
help-deposit = Rendue après le séjour, elle ne compte pas dans le total.
field-tax-kind = Taxe de séjour
tax-none = Aucune
tax-adult-night = Un montant par adulte et par nuit
tax-percentage = Un pourcentage des nuits
field-tax-amount = Taxe : montant ou pourcentage
help-tax-amount = 2.50 pour un montant, 5 pour cinq pour cent.
field-tax-cap = Taxe : au plus, par adulte et par nuit
help-tax-cap = Pour un pourcentage que la loi plafonne.
field-first-night = Première nuit
field-last-night = Dernière nuit
error-time-of-day = Saisissez une heure, par exemple 15:00.
model-written-address = écriture postale
field-postal-code = Code postal écrit
help-written-number = Seulement si c’est plus qu’un nombre, par exemple 12 bis.
help-postal-code = Seulement si c’est plus qu’un nombre, par exemple SW1A 1AA.
gallery-title = Photos
gallery-photo = Photo { $number }
gallery-count = { $count } photos
gallery-close = Fermer
gallery-previous = Photo précédente
gallery-next = Photo suivante
photos-title = Photos de { $title }
photos-see = Voir sur le site
photos-no-home = Les photos vont avec la description d’une location, et celle-ci n’en a pas encore.
photos-add-home = Décrire la location
photos-choose = Ajouter des photos
photos-help = JPEG, PNG ou WebP, 20 Mo au plus chacune, { $most } en tout. Le lieu et l’appareil en sont retirés. Plus la photo est large, mieux c’est : 1920 pixels suffisent.
photos-send = Envoyer
photos-empty = Il n’y a pas encore de photo. La première devient la couverture.
photos-cover = Couverture
photos-alt = { $language ->
    [fr] Ce qu’on y voit, en français
   *[en] Ce qu’on y voit, en anglais
}
photos-up = Plus tôt
photos-up-number = Plus tôt : photo { $number }
photos-down = Plus tard
photos-down-number = Plus tard : photo { $number }
photos-make-cover = En faire la couverture
photos-make-cover-number = En faire la couverture : photo { $number }
photos-delete = Supprimer
photos-save = Enregistrer
photos-saved = Les photos ont été enregistrées.
photos-added = { $count ->
    [one] 1 photo a été ajoutée.
   *[other] { $count } photos ont été ajoutées.
}
photos-none-chosen = Aucun fichier n’a été choisi.
photos-refused = { $name } : { $why }
photos-crossed = Quelqu’un d’autre a modifié ces photos entre-temps, rien n’a donc été enregistré. Ce que vous avez écrit est encore là : regardez, puis enregistrez de nouveau.
photos-not-saved = Rien n’a encore été enregistré : corrigez ce qui est signalé ci-dessous.
photos-waiting = En attente
photos-sending = Envoi
photos-preparing = Préparation
photos-done = Ajoutée
photo-error-empty = Le fichier est vide.
photo-error-file-too-large = Le fichier dépasse 20 Mo.
photo-error-no-photo = Le fichier n’est pas une photo JPEG, PNG ou WebP.
photo-error-too-many-pixels = La photo a plus de 50 mégapixels.
photo-error-too-long = Un côté de la photo est plus de huit fois plus long que l’autre.
photo-error-moving = Le fichier est une image animée, pas une photo.
photo-error-too-much-memory = La photo demande trop de mémoire. Enregistrez-la plus petite, ou en JPEG simple.
photo-error-damaged = Le fichier ne peut pas être lu comme une photo.
photo-error-unavailable = La photo ne peut pas être lue pour le moment. Réessayez plus tard.
photo-error-twice = Cette photo est déjà là.
photo-error-too-many = Il y a déjà { $most } photos, on ne peut pas en mettre plus.
