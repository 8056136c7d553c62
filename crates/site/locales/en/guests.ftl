# What guests ask and are told: the pages that the law asks for, enquiries, answers.
app-guests = Guests
legal-navigation = About this site
legal-title-privacy = Privacy
legal-title-legal = Legal notice
legal-title-terms = Terms of a stay
legal-description = { $title } at Orange County Lettings.
legal-texts = Legal pages
legal-introduction = Once a page is written, every page of the site links to it. Until then its address is not there.
legal-written = Last changed on { $day }.
legal-unwritten = Not written yet.
legal-see = See it
legal-text-en = Text in English
legal-text-fr = Text in French
legal-help = The page { $path }. Where the text of a language is missing, the other is shown; without any, there is no such page. Paragraphs are apart by an empty line; *soft*, **loud**, lists with * and links [like this](https://example.com) are possible.
legal-save = Save
legal-saved = The text was saved.
legal-not-saved = Nothing was saved yet: correct what is marked below.
legal-crossed = Somebody else has changed this text meanwhile, so nothing was saved. What you wrote is still here: look at theirs in another window, then save again.

## Asking about a home

enquiry-link = Ask about this home
enquiry-ask = Ask for this stay
enquiry-title = Ask about { $title }
enquiry-here = Your enquiry
enquiry-introduction = Write to the people who let this home. They answer by e-mail.
enquiry-name = Your name
enquiry-email = Your e-mail address
enquiry-telephone = Your telephone number
enquiry-optional = (if you like)
enquiry-pets = Pets
enquiry-message = Your message
enquiry-trap = Leave this field empty
enquiry-send = Send the enquiry
enquiry-no-name = Please tell us your name.
enquiry-no-email = Enter an address such as ann@example.com: the answer goes there.
enquiry-no-message = Please write a few words.
enquiry-no-number = How many pets come? If none, write 0.
enquiry-pets-not-allowed = Pets are not allowed here.
enquiry-long = At most { $number } characters.
enquiry-control = There is a character in it that nobody sees. Type it anew, please.
enquiry-not-sent = Nothing has been sent yet: please correct what is marked below.
enquiry-again = Please look over your enquiry, and send it once more.
enquiry-too-many = Many enquiries have come from your connection within the last hour. Nothing is lost: send this one again later, or call us.
enquiry-notice = What you write is stored and sent to the people who let this home, to answer you: steps before a contract that you ask for (GDPR, article 6(1)(b)). Nobody else gets it. It is deleted after { $months ->
    [one] one month
   *[other] { $months } months
}. You may ask us at any time to see, correct or erase it, and complain to your data protection authority, in France the CNIL.
enquiry-notice-more = More about privacy
enquiry-thanks = Thank you for your enquiry
enquiry-thanks-number = Your number is
enquiry-thanks-next = A confirmation is on its way to your mailbox; the answer follows by e-mail.
enquiry-back = Back to the home
enquiry-number = Number
enquiry-home = Home
enquiry-dates = Dates
enquiry-guests = Guests
enquiry-price = Price when asked
enquiry-adults-count = { $count ->
    [one] 1 adult
   *[other] { $count } adults
}
enquiry-children-count = { $count ->
    [one] 1 child
   *[other] { $count } children
}
enquiry-pets-count = { $count ->
    [one] 1 pet
   *[other] { $count } pets
}
letter-hello = Hello,
letter-guest-subject = Your enquiry { $number }: { $title }
letter-guest-text = thank you for your enquiry. It has arrived, and we will answer by e-mail.
letter-guest-no-booking = This is no booking yet.
letter-guest-mistake = If you have not asked us anything, somebody has typed your address by mistake: there is nothing that you have to do.
letter-see-home = See the home
letter-staff-subject = Enquiry { $number }: { $title }
letter-staff-text = Somebody asks about one of your homes.
letter-staff-link = Answer it, or make a booking of it
letter-staff-reply = If you answer this letter, your answer goes to the guest; the enquiry then stays marked as new.

## The inbox of staff

inbox-title = Enquiries
inbox-empty = There is none.
inbox-all = All
inbox-state = State
inbox-state-new = New
inbox-state-answered = Answered
inbox-state-booked = Booked
inbox-state-declined = Declined
inbox-state-spam = Spam
inbox-received = Received
inbox-guest = Guest
inbox-telephone = Telephone
inbox-newer = Newer
inbox-older = Older
inbox-answers = Prepared answers
inbox-person = One person’s data
inbox-entry-title = Enquiry { $number }
inbox-message = What was asked
inbox-language = Reads
inbox-language-en = English
inbox-language-fr = French
inbox-book = Make it a booking
inbox-book-help = The nights are taken in the calendar, and the guest is sent a confirmation.
inbox-booked = The stay is booked, and a confirmation is on its way to the guest.
inbox-booked-before = It was booked already.
inbox-taken = These nights are taken by now, so nothing was booked and nobody was written to.
inbox-no-address = The address cannot be written to. Nothing was sent.
inbox-answer = Answer
inbox-answer-text = Your answer
inbox-answer-help = It goes to { $email } by e-mail. The guest’s answer goes to the address of the home for enquiries.
inbox-answer-empty = Write an answer first.
inbox-prepared = Begin with a prepared answer
inbox-prepared-take = Put it into the field
inbox-send = Send the answer
inbox-answered = The answer is on its way.
inbox-mark = Mark as
inbox-marked = The state was changed.
inbox-letters = Letters
inbox-letter-waiting = not sent yet
inbox-letter-sent = sent on { $day }
letter-answer-subject = Your enquiry { $number }: { $title }
letter-booked-subject = Booked: { $title }, { $dates }
letter-booked-text = your stay is booked. We look forward to seeing you.

## Prepared answers

answers-title = Prepared answers
answers-introduction = Texts to answer enquiries with. The guest gets the one in their language.
answers-empty = There is none yet.
answers-add = Add an answer
answers-name = Name
answers-text-en = Text in English
answers-text-fr = Text in French
answers-save = Save
answers-delete = Delete
answers-saved = The answer was saved.
answers-deleted = The answer was deleted.
answers-no-name = Enter a name: you choose the answer by it.
answers-twice = Another answer has this name.
answers-not-saved = Nothing was saved yet: correct what is marked below.

## One person's data

person-title = One person’s data
person-introduction = Whoever has asked about a home may ask what you know about them, and have it erased. Enter the e-mail address that they wrote from.
person-email = E-mail address
person-find = Look it up
person-none = Nothing is stored about this address.
person-found = { $enquiries ->
    [one] 1 enquiry
   *[other] { $enquiries } enquiries
} and { $letters ->
    [one] 1 letter
   *[other] { $letters } letters
} are stored about { $email }.
person-export = Save it as a file
person-erase = Erase it
person-erase-help = Enquiries and letters are deleted for good. Booked nights stay booked; they hold no name.
person-erase-sure = I want to erase it
person-not-sure = Nothing was erased: mark first that you want it.
person-erased = Everything about this address was erased.

## The address of a home for enquiries

model-contact = address for enquiries
field-contact-email = Address for enquiries
help-contact-email = Enquiries about this home go there; without it, to the address of the site.
