# Les pages du site.
site-name = Orange County Lettings
skip-to-content = Aller au contenu
main-navigation = Navigation principale
page-navigation = Pages
breadcrumb-navigation = Vous êtes ici
language-switch = Langue
nav-home = Accueil
nav-lettings = Locations
nav-profiles = Profils
nav-back = Retour
nav-previous = Précédent
nav-next = Suivant
page-number = Page { $number }
footer-line = Des maisons de vacances, et celles et ceux qui y séjournent.

home-title = Maisons de vacances
home-heading = Bienvenue dans nos maisons de vacances
home-description = Des maisons de vacances au bord de la mer, dans les vergers et en ville, louées par Orange County Lettings.
home-introduction = Une véranda face à la mer, un chalet sous les pins, un appartement au-dessus de la rue : trouvez le lieu qui vous attend et faites connaissance avec celles et ceux qui y ont séjourné.
home-newest = Derniers ajouts
home-all-lettings = Voir toutes les locations
home-empty-heading = Ce site est encore vide
home-empty-introduction = Il n’y a encore ni location, ni profil, ni compte. L’exploitant du site peut le remplir en ligne de commande :
home-empty-demo = avec des locations et des profils d’exemple
home-empty-staff = avec un compte pour la première personne de l’équipe

letting-list-title = Locations
letting-list-description = Toutes les maisons de vacances d’Orange County Lettings, chacune avec son adresse.
feed-title = Les locations les plus récentes
letting-list-empty = Aucune location n’est disponible.

letting-document-title = { $count ->
    [one] { $title }, { $city } – pour { $count } personne
   *[other] { $title }, { $city } – pour { $count } personnes
}
letting-description = {"« "}{ $title }{" »"} : une maison de vacances à { $place }. Consultez l’adresse et situez-la sur la carte.
letting-draft = Un brouillon : seule l’équipe voit cette page.
letting-edit = Modifier cette location
letting-address = Adresse
letting-open-map = Ouvrir dans une application de cartographie
letting-see-map = Voir sur OpenStreetMap
letting-copy = Copier l’adresse
letting-copied = Adresse copiée
letting-share = Partager
letting-shared = L’adresse de cette page est copiée.
letting-neighbours = Autres locations

profile-list-title = Profils
profile-list-description = Celles et ceux qui séjournent dans les maisons d’Orange County Lettings.
profile-list-empty = Aucun profil n’est disponible.

profile-description = Le profil de { $username } chez Orange County Lettings, et sa ville préférée.
profile-first-name = Prénom
profile-last-name = Nom
profile-email = Adresse e-mail
profile-favorite-city = Ville préférée
profile-lettings = { $count ->
    [one] Une location à { $city }
   *[other] Nos locations à { $city }
}

components-title = Composants
