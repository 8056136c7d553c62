//! What is added, changed and deleted, under the names that Django's forms have.

/// Which of the two admins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Ours,
    Djangos,
}

/// A kind of objects, with three of them.
pub(super) struct Case {
    pub(super) app: &'static str,
    pub(super) model: &'static str,
    plural: &'static str,
    /// Whether the form of a new object leads on to another.
    pub(super) is_in_two_steps: bool,
    /// What is filled in for each of them.
    common: Fields,
    /// What makes each of them another.
    own: [Fields; 3],
    labels: [&'static str; 3],
    /// What is filled in anew.
    pub(super) change: Fields,
    /// What the first is called afterwards, if that is another name.
    renamed: Option<&'static str>,
    /// What the history says of that: ours, and Django's.
    pub(super) history_text: [&'static str; 2],
}

type Fields = &'static [(&'static str, &'static str)];

/// One to add.
pub(super) struct Object {
    pub(super) fields: Vec<(&'static str, &'static str)>,
    pub(super) label: &'static str,
}

impl Object {
    /// What its form shows of it later: a new password is for its own form alone.
    pub(super) fn shown(&self) -> Vec<(&'static str, &'static str)> {
        let fields = self.fields.iter().copied();
        let fields = fields.filter(|(name, _)| !name.contains("password"));
        fields.collect()
    }
}

impl Case {
    /// The list.
    pub(super) fn address(&self) -> String {
        format!("/admin/{}/{}/", self.app, self.model)
    }

    pub(super) fn object(&self, number: usize) -> Object {
        Object {
            fields: [self.common, self.own[number]].concat(),
            label: self.labels[number],
        }
    }

    /// What the first is called once it was changed.
    pub(super) fn label_after(&self) -> &'static str {
        self.renamed.unwrap_or(self.labels[0])
    }

    /// What one of the two says of a deed.
    pub(super) fn message(&self, side: Side, action: &str, label: &str) -> String {
        let goes_on = action == "added" && self.is_in_two_steps;
        let end = match (side, goes_on) {
            (Side::Ours, false) => ".",
            (Side::Ours, true) => ". You may edit it further below.",
            (Side::Djangos, false) => " successfully.",
            (Side::Djangos, true) => " successfully. You may edit it again below.",
        };
        format!("The {} “{label}” was {action}{end}", self.model)
    }

    /// What stands on the first page of one of the two for an object that is gone.
    pub(super) fn as_deleted(&self, side: Side, label: &str) -> String {
        if side == Side::Ours {
            return label.to_owned();
        }
        let (first, rest) = self.model.split_at(1);
        format!("Deleted: {label} {}{rest}", first.to_uppercase())
    }

    /// What one of the two says when two of them were deleted.
    pub(super) fn message_of_deletions(&self, side: Side) -> String {
        let plural = self.plural;
        if side == Side::Ours {
            format!("Deleted: 2 {plural}.")
        } else {
            format!("Successfully deleted 2 {plural}.")
        }
    }
}

/// What the objects point to, out of the way of the keys that are given next.
pub(super) const PREPARED: [&str; 3] = [
    "INSERT INTO lettings_address (id, number, street, city, state, zip_code, country_iso_code) \
     VALUES (9001, 1, 'Pier', 'Boston', 'MA', 2134, 'USA'), \
     (9002, 2, 'Pier', 'Boston', 'MA', 2134, 'USA'), \
     (9003, 3, 'Pier', 'Boston', 'MA', 2134, 'USA')",
    "INSERT INTO auth_user (id, password, is_superuser, username, first_name, last_name, email, \
     is_staff, is_active, date_joined) VALUES \
     (9001, '!', FALSE, 'one', '', '', '', FALSE, TRUE, '2026-01-02 03:04:05'), \
     (9002, '!', FALSE, 'two', '', '', '', FALSE, TRUE, '2026-01-02 03:04:05'), \
     (9003, '!', FALSE, 'three', '', '', '', FALSE, TRUE, '2026-01-02 03:04:05'), \
     (9004, '!', FALSE, 'four', '', '', '', FALSE, TRUE, '2026-01-02 03:04:05')",
    "INSERT INTO auth_group (id, name) VALUES (9001, 'Prepared')",
];

pub(super) const CASES: &[Case] = &[ADDRESS, LETTING, PROFILE, GROUP, USER];

const ADDRESS: Case = Case {
    app: "lettings",
    model: "address",
    plural: "addresses",
    is_in_two_steps: false,
    common: &[
        ("number", "7"),
        ("city", "Saint-Étienne & <co>"),
        ("state", "NY"),
        ("zip_code", "501"),
        ("country_iso_code", "USA"),
    ],
    own: [
        &[("street", "O'Neil \"Road\"")],
        &[("street", "Alley")],
        &[("street", "Zoo Lane")],
    ],
    labels: ["7 O'Neil \"Road\"", "7 Alley", "7 Zoo Lane"],
    change: &[
        ("number", "70"),
        ("street", "Quay"),
        ("city", "Oslo"),
        ("zip_code", "99999"),
        ("country_iso_code", "NOR"),
    ],
    renamed: Some("70 Quay"),
    history_text: [
        "Changed: Number, Street, City, Zip code, Country.",
        "Changed Number, Street, City, Zip code and Country iso code.",
    ],
};

const LETTING: Case = Case {
    app: "lettings",
    model: "letting",
    plural: "lettings",
    is_in_two_steps: false,
    common: &[],
    own: [
        &[("title", "By <b>the</b> “sea” 🏖"), ("address", "9001")],
        &[("title", "Attic"), ("address", "9002")],
        &[("title", "Villa"), ("address", "9003")],
    ],
    labels: ["By <b>the</b> “sea” 🏖", "Attic", "Villa"],
    change: &[("address", "9002")],
    renamed: None,
    history_text: ["Changed: Address.", "Changed Address."],
};

const PROFILE: Case = Case {
    app: "profiles",
    model: "profile",
    plural: "profiles",
    is_in_two_steps: false,
    common: &[("favorite_city", "Malmö")],
    own: [
        &[("user", "9001")],
        &[("user", "9002")],
        &[("user", "9003")],
    ],
    labels: ["one", "two", "three"],
    change: &[("user", "9004"), ("favorite_city", "")],
    renamed: Some("four"),
    history_text: [
        "Changed: User, Favorite city.",
        "Changed User and Favorite city.",
    ],
};

const GROUP: Case = Case {
    app: "auth",
    model: "group",
    plural: "groups",
    is_in_two_steps: false,
    common: &[("permissions", "2")],
    own: [
        &[("name", "Éditeurs & <co>")],
        &[("name", "Readers")],
        &[("name", "Writers")],
    ],
    labels: ["Éditeurs & <co>", "Readers", "Writers"],
    change: &[("permissions", "3")],
    renamed: None,
    history_text: ["Changed: Permissions.", "Changed Permissions."],
};

const USER: Case = Case {
    app: "auth",
    model: "user",
    plural: "users",
    is_in_two_steps: true,
    common: &[
        ("usable_password", "true"),
        ("password1", "meadow-lantern-7"),
        ("password2", "meadow-lantern-7"),
    ],
    own: [
        &[("username", "carl.ö+1@x")],
        &[("username", "dora")],
        &[("username", "emil")],
    ],
    labels: ["carl.ö+1@x", "dora", "emil"],
    change: &[
        ("first_name", "Carl"),
        ("email", "carl@example.com"),
        ("is_staff", "on"),
        ("groups", "9001"),
        ("user_permissions", "1"),
        ("last_login_0", "2026-02-03"),
        ("last_login_1", "04:05:06"),
    ],
    renamed: None,
    history_text: [
        "Changed: First name, E-mail address, Staff, Groups, Own permissions, Last login.",
        "Changed First name, Email address, Staff status, Groups, User permissions and Last login.",
    ],
};
