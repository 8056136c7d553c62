# Connexion et déconnexion, mots de passe, messages des formulaires.
admin-title = Administration du site
admin-welcome = Bienvenue, { $name }
admin-introduction = Votre compte est connecté en tant que membre de l’équipe.
admin-view-site = Voir le site
admin-user = Compte connecté : { $username }

login-title = Se connecter
login-username = Nom d’utilisateur
login-password = Mot de passe
log-in = Se connecter
log-out = Se déconnecter
log-in-again = Se reconnecter
login-refused = Ce nom d’utilisateur et ce mot de passe ne sont pas ceux d’un compte de l’équipe. Les majuscules et les minuscules peuvent compter dans les deux.
login-locked = { $minutes ->
    [one] Trop de tentatives ont échoué. Veuillez réessayer dans une minute.
   *[other] Trop de tentatives ont échoué. Veuillez réessayer dans { $minutes } minutes.
}
login-stranger = Le compte { $username } est connecté, mais il n’a pas accès à l’administration. Vous pouvez vous connecter avec un autre compte.
logged-out-title = Vous avez quitté votre session
logged-out-text = Merci pour votre travail d’aujourd’hui.

password-change-title = Changer de mot de passe
password-change-link = Changer de mot de passe
password-change-introduction = Par sécurité, saisissez d’abord votre ancien mot de passe, puis deux fois le nouveau. Partout ailleurs où votre compte est connecté, il faudra vous reconnecter.
password-change-button = Changer mon mot de passe
password-old = Ancien mot de passe
password-new = Nouveau mot de passe
password-again = Confirmation du nouveau mot de passe
password-changed-title = Votre mot de passe a été changé
password-changed-text = Il est valable dès maintenant. Vos autres sessions ont pris fin.
password-old-wrong = Ce n’est pas votre ancien mot de passe. Veuillez le saisir à nouveau.
password-mismatch = Les deux nouveaux mots de passe ne correspondent pas.
password-too-short = Ce mot de passe est trop court : il doit contenir au moins { $length } caractères.
password-too-common = Ce mot de passe est trop courant.
password-entirely-numeric = Ce mot de passe se compose uniquement de chiffres.
password-control-character = Ce mot de passe contient un caractère de contrôle.
password-like-username = Ce mot de passe ressemble trop à votre nom d’utilisateur.
password-like-first-name = Ce mot de passe ressemble trop à votre prénom.
password-like-last-name = Ce mot de passe ressemble trop à votre nom.
password-like-email = Ce mot de passe ressemble trop à votre adresse e-mail.
password-rule-similar = Il ne doit pas trop ressembler à vos informations personnelles.
password-rule-length = Il doit contenir au moins { $length } caractères.
password-rule-common = Il ne doit pas être d’un usage courant.
password-rule-numeric = Il ne doit pas se composer uniquement de chiffres.

form-required = Ce champ est obligatoire.
