//! The examples: the six lettings and four profiles that the site had from its first day, and
//! more of our own making. Nobody in here is real.

/// A letting and its address.
#[derive(Debug)]
pub(super) struct SampleLetting {
    pub(super) title: &'static str,
    pub(super) number: i64,
    pub(super) street: &'static str,
    pub(super) city: &'static str,
    pub(super) state: &'static str,
    pub(super) zip_code: i64,
    pub(super) country: &'static str,
}

/// A user and their profile.
#[derive(Debug)]
pub(super) struct SampleProfile {
    pub(super) username: &'static str,
    pub(super) first_name: &'static str,
    pub(super) last_name: &'static str,
    pub(super) favorite_city: &'static str,
}

/// One line per letting.
macro_rules! lettings {
    ($($title:literal, $number:literal $street:literal, $city:literal $state:literal $zip:literal;)*) => {
        &[$(SampleLetting {
            title: $title,
            number: $number,
            street: $street,
            city: $city,
            state: $state,
            zip_code: $zip,
            country: "USA",
        }),*]
    };
}

/// One line per profile.
macro_rules! profiles {
    ($($username:literal: $first:literal $last:literal, $city:literal;)*) => {
        &[$(SampleProfile {
            username: $username,
            first_name: $first,
            last_name: $last,
            favorite_city: $city,
        }),*]
    };
}

pub(super) const LETTINGS: &[SampleLetting] = lettings! {
    "Joshua Tree Green Haus /w Hot Tub", 7217 "Bedford Street", "Brunswick" "GA" 31_525;
    "Oceanview Retreat", 4 "Military Street", "Willoughby" "OH" 44_094;
    "'Silo Studio' Cottage", 340 "Wintergreen Avenue", "Newport News" "VA" 23_601;
    "Pirates of the Caribbean Getaway", 9230 "E. Joy Ridge Street", "Marquette" "MI" 49_855;
    "The Mushroom Dome Retreat & LAND of Paradise Suite", 9606 "Harvard Street", "Aliquippa" "PA" 15_001;
    "Underground Hygge", 588 "Argyle Avenue", "East Meadow" "NY" 11_554;
    "Lantern House above the Cove", 12 "Cliff Walk", "Laguna Beach" "CA" 92_651;
    "The Packing House Loft", 118 "Valencia Row", "Orange" "CA" 92_866;
    "Grove Keeper's Bungalow", 77 "Sycamore Lane", "Tustin" "CA" 92_780;
    "Pier End Studio", 3 "Balboa Place", "Newport Beach" "CA" 92_661;
    "Salt Air Shingle Cottage", 56 "Dune Street", "Seal Beach" "CA" 90_740;
    "Two Palms & a Hammock", 2041 "Pelican Drive", "Huntington Beach" "CA" 92_648;
    "Canyon Light Cabin", 8 "Silverado Trail", "Silverado" "CA" 92_676;
    "The Old Schoolhouse", 1 "Chapel Road", "San Juan Capistrano" "CA" 92_675;
    "Swallow's Nest Garden Flat", 214 "Mission Walk", "San Clemente" "CA" 92_672;
    "Harbour Master's Rooms", 19 "Anchor Way", "Dana Point" "CA" 92_629;
    "Widow's Walk on Beacon Hill", 31 "Cedar Court", "Boston" "MA" 2114;
    "Cranberry Bog Farmhouse", 905 "Bog Road", "Plymouth" "MA" 2360;
    "Maple Sugar House", 44 "Orchard Hill", "Woodstock" "VT" 5091;
    "Lighthouse Keeper's Second Bedroom", 2 "Point Road", "Rockland" "ME" 4841;
    "Brownstone with a Fig Tree", 402 "Willow Street", "Brooklyn" "NY" 11_201;
    "Rowhouse by the Water Tower", 1510 "Prospect Avenue", "Milwaukee" "WI" 53_202;
    "Prairie Glass House", 6000 "County Road 9", "Decorah" "IA" 52_101;
    "Bayou Porch Swing", 27 "Camellia Street", "Breaux Bridge" "LA" 70_517;
    "Shotgun House of the Brass Band", 813 "Dauphin Lane", "New Orleans" "LA" 70_117;
    "Adobe of the Long Table", 65 "Camino del Sol", "Santa Fe" "NM" 87_501;
    "Red Rock Window Seat", 350 "Mesa View", "Moab" "UT" 84_532;
    "A-Frame over the Snow Line", 9 "Larch Road", "Leavenworth" "WA" 98_826;
    "Houseboat No. 7", 7 "Fairview Dock", "Seattle" "WA" 98_102;
    "Observatory Hut", 9999 "Summit Road", "Fort Davis" "TX" 79_734;
    "Dogtrot Cabin on the Ridge", 120 "Holler Road", "Asheville" "NC" 28_801;
    "Marsh Boardwalk House", 15 "Heron Lane", "Beaufort" "SC" 29_902;
    "Streetcar Conductor's Flat", 2300 "Larkspur Street", "San Francisco" "CA" 94_109;
    "Almond Blossom Barn", 480 "Rancho Road", "Capay" "CA" 95_607;
    "Lemon House with the Blue Door", 23 "Citrus Court", "Santa Paula" "CA" 93_060;
    "Night Train Sleeping Car", 1 "Depot Street", "Durango" "CO" 81_301;
};

pub(super) const PROFILES: &[SampleProfile] = profiles! {
    "HeadlinesGazer": "Jamie" "Lal", "Buenos Aires";
    "DavWin": "Cassandra" "Grahm", "Barcelona";
    "AirWow": "Ada" "Paul", "Budapest";
    "4meRomance": "John" "Rodriguez", "Berlin";
    "marigold": "Mari" "Okafor", "Lisbon";
    "tidewalker": "Elias" "Brandt", "Laguna Beach";
    "citrus.queen": "Noor" "Haddad", "Valencia";
    "slow_traveler": "Greta" "Lindqvist", "Ljubljana";
    "two-suitcases": "Tomás" "Ferreira", "Porto";
    "nightowl+1": "Priya" "Raman", "Kolkata";
    "Zoë": "Zoë" "van Dijk", "Ghent";
    "大海": "海" "林", "Kyoto";
    "porch.swing": "Louis" "Thibodeaux", "New Orleans";
    "mapfolder": "Ines" "Castellano", "Oaxaca";
    "early_bird": "Sam" "O'Neill", "Galway";
    "lighthouse7": "Ruth" "Abernathy", "Rockland";
    "canyonlight": "Diego" "Morales", "Santa Fe";
    "snowline": "Aino" "Virtanen", "Tromsø";
    "backseat.poet": "Wen" "Zhao", "Chengdu";
    "orchardhill": "Clara" "Whitcomb", "Woodstock";
    "houseboat": "Malik" "Sorensen", "Copenhagen";
    "quietweek": "Hana" "Novák", "Český Krumlov";
    "firstferry": "Owen" "Pritchard", "Orange";
    "figtree": "Lucia" "Bianchi", "Bologna";
};
