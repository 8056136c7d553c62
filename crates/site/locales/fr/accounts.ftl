# L’entrée et la sortie, les mots de passe, et ce que disent les formulaires.
admin-title = Gestion du site
admin-welcome = Bienvenue, { $name }
admin-introduction = Vous êtes connecté en tant que membre de l’équipe.
admin-view-site = Voir le site
admin-user = Connecté en tant que { $username }

login-title = Se connecter
login-username = Nom d’utilisateur
login-password = Mot de passe
log-in = Se connecter
log-out = Se déconnecter
log-in-again = Se reconnecter
login-refused = Ce nom d’utilisateur et ce mot de passe ne sont pas ceux d’un compte de l’équipe. Les majuscules peuvent compter dans les deux.
login-locked = { $minutes ->
    [one] Trop de tentatives ont échoué. Veuillez réessayer dans une minute.
   *[other] Trop de tentatives ont échoué. Veuillez réessayer dans { $minutes } minutes.
}
login-stranger = Vous êtes connecté en tant que { $username }, qui ne peut pas travailler ici. Vous pouvez vous connecter avec un autre compte.
logged-out-title = Vous êtes déconnecté
logged-out-text = Merci pour votre travail d’aujourd’hui.

password-change-title = Changer de mot de passe
password-change-link = Changer de mot de passe
password-change-introduction = Par sécurité, saisissez d’abord votre ancien mot de passe, puis deux fois le nouveau. Partout ailleurs, il vous faudra vous reconnecter.
password-change-button = Changer mon mot de passe
password-old = Ancien mot de passe
password-new = Nouveau mot de passe
password-again = Nouveau mot de passe, encore une fois
password-changed-title = Votre mot de passe est changé
password-changed-text = Il est valable dès maintenant. Vos autres sessions ont pris fin.
password-old-wrong = Ce n’est pas votre ancien mot de passe. Veuillez le saisir à nouveau.
password-mismatch = Les deux nouveaux mots de passe diffèrent.
password-too-short = Ce mot de passe est trop court : il lui faut au moins { $length } caractères.
password-too-common = Ce mot de passe est trop courant.
password-entirely-numeric = Ce mot de passe ne contient que des chiffres.
password-like-username = Ce mot de passe ressemble trop à votre nom d’utilisateur.
password-like-first-name = Ce mot de passe ressemble trop à votre prénom.
password-like-last-name = Ce mot de passe ressemble trop à votre nom.
password-like-email = Ce mot de passe ressemble trop à votre adresse e-mail.
password-rule-similar = Il ne doit pas trop ressembler à ce que l’on sait de vous.
password-rule-length = Il lui faut au moins { $length } caractères.
password-rule-common = Il ne doit pas être un mot de passe courant.
password-rule-numeric = Il ne doit pas contenir que des chiffres.

form-required = Ce champ est obligatoire.
