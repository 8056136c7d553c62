//! The addresses of all pages, and the layers around them.

use axum::Router;
use axum::extract::Extension;
use axum::middleware::{from_extractor, from_fn, from_fn_with_state};
use axum::routing::{MethodRouter, get, post};
use web::csrf::{TrustedOrigins, check_sender, check_token};
use web::slash::RouterExt as _;
use web::visit::{VisitStore, keep_visits};

use crate::form::widget::AUTOCOMPLETE;
use crate::pages::{change_form, change_list, delete, history, index, links, password};
use crate::request::admin_request::CurrentModel;
use crate::request::engine::Admin;
use crate::request::staff::{INDEX, Staff};

/// The pages of every model, at Django's addresses. `visit_store` is the state of the layer that
/// keeps sessions; forms are also taken from the pages of `trusted` origins.
pub fn router<S>(admin: Admin, visit_store: VisitStore, trusted: &TrustedOrigins) -> Router<S>
where
    S: Clone + Send + Sync + 'static,
{
    let form = |methods: MethodRouter<Admin>| {
        // The layer that is added last runs first: the sender's origin, then the login, then the
        // token, for which the form is read. So the body of a form is read only if staff sends it.
        methods
            .route_layer(from_fn(check_token))
            .route_layer(from_extractor::<Staff>())
            .route_layer(from_fn_with_state(trusted.clone(), check_sender))
    };
    let mut router = Router::new()
        .page::<()>(INDEX, get(index::show_index))
        .page::<(i64, i64)>("/admin/r/{content_type}/{key}/", get(links::show_on_site))
        .page::<()>(AUTOCOMPLETE, get(links::show_choices));
    for app in admin.registry.apps() {
        let address = format!("/admin/{}/", app.label);
        router = router.page::<()>(&address, get(index::show_app).layer(Extension(*app)));
    }
    for model in admin.registry.models() {
        let Some(pages) = model.pages else { continue };
        let base = model.address();
        let at = |end: &str| format!("{base}{end}");
        let mut of_model = Router::new()
            .page::<()>(
                &base,
                get(change_list::show_list).merge(form(post(change_list::run_action))),
            )
            .page::<()>(
                &at("add/"),
                get(change_form::show_add_form).merge(form(post(change_form::add_object))),
            )
            .page::<String>(&at("{key}/"), get(links::show_object))
            .page::<String>(
                &at("{key}/change/"),
                get(change_form::show_change_form).merge(form(post(change_form::change_object))),
            )
            .page::<String>(
                &at("{key}/delete/"),
                get(delete::show_confirmation).merge(form(post(delete::delete_object))),
            )
            .page::<String>(&at("{key}/history/"), get(history::show_history));
        if password::field_of(model).is_some() && pages.add_fieldsets.is_some() {
            of_model = of_model.page::<String>(
                &at("{key}/password/"),
                get(password::show_password_form).merge(form(post(password::change_password))),
            );
        }
        router = router.merge(of_model.layer(Extension(CurrentModel(model))));
    }
    router
        .layer(from_fn_with_state(visit_store, keep_visits))
        .with_state(admin)
}
