//! Who may do what: directly, by a group, by being a superuser; nothing when inactive.

use accounts::permission::{Permissions, permissions_of};
use accounts::user;

use crate::support::on_both_databases;

const RIGHTS: &str = "
    INSERT INTO django_content_type (id, app_label, model)
        VALUES (1, 'shop', 'book'), (2, 'shopping', 'book');
    INSERT INTO auth_permission (id, content_type_id, codename, name) VALUES
        (1, 1, 'add_book', ''), (2, 1, 'change_book', ''), (3, 1, 'delete_book', ''),
        (4, 2, 'add_book', '');
    INSERT INTO auth_group (id, name) VALUES (1, 'clerks'), (2, 'others');
    INSERT INTO auth_group_permissions (group_id, permission_id) VALUES (1, 1), (1, 2), (2, 4)";

on_both_databases! {
    async fn rights_come_from_the_user_and_the_groups(shop: Shop) {
        for sql in RIGHTS.split(';') {
            shop.sql(sql).await;
        }
        let ann = shop.add_user("ann").await;
        let bob = shop.add_user("bob").await;
        let own = format!("INSERT INTO auth_user_user_permissions (user_id, permission_id) VALUES ({}, 2)", ann.id);
        let group = format!("INSERT INTO auth_user_groups (user_id, group_id) VALUES ({}, 1)", bob.id);
        shop.sql(&own).await;
        shop.sql(&group).await;
        let has = async |user: &user::Model| {
            let granted = permissions_of(&shop.db, user).await.unwrap();
            let asked = ["shop.add_book", "shop.change_book", "shop.delete_book", "shopping.add_book", "shop", "add_book", ""];
            let granted_of: Vec<_> = asked.into_iter().filter(|name| granted.has(name)).collect();
            let apps: Vec<_> = ["shop", "shopping", "sho", ""].into_iter().filter(|app| granted.has_any_of(app)).collect();
            (granted_of, apps)
        };
        assert_eq!(has(&ann).await, (vec!["shop.change_book"], vec!["shop"]));
        assert_eq!(has(&bob).await, (vec!["shop.add_book", "shop.change_book"], vec!["shop"]));
        let carl = shop.add_user("carl").await;
        assert_eq!(has(&carl).await, (vec![], vec![]));
        let root = user::Model { is_superuser: true, ..carl };
        assert_eq!(permissions_of(&shop.db, &root).await.unwrap(), Permissions::All);
        assert!(Permissions::All.has("shop.any") && Permissions::All.has_any_of("any"));
        for inactive in [root, bob].map(|user| user::Model { is_active: false, ..user }) {
            assert_eq!(has(&inactive).await, (vec![], vec![]));
        }
    }
}
