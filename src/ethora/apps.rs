use serde::Serialize;

use super::request::{Api, Method, Query, Request, prose};
use super::{Error, Fields};
use crate::session::Secret;

/// Which way a list is sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// `asc`
    Ascending,
    /// `desc`
    Descending,
}

/// What a list of apps is sorted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppOrder {
    /// `displayName`
    DisplayName,
    /// `createdAt`
    CreatedAt,
}

/// Which apps to list. What is `None` is not asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AppQuery {
    /// At most so many.
    pub limit: Option<u32>,
    /// From this one on.
    pub offset: Option<u32>,
    /// Which way they are sorted.
    pub order: Option<Direction>,
    /// By what they are sorted.
    pub order_by: Option<AppOrder>,
}

/// An app to create, a child of the token's. What is `None` is not sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct NewApp {
    /// The name that is shown.
    pub display_name: String,
    /// Its part of a domain.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain_name: Option<String>,
    /// A line below its name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_tagline: Option<String>,
    /// The address of a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_image: Option<String>,
    /// The address of a second picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sublogo_image: Option<String>,
    /// A colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub primary_color: Option<String>,
    /// The id of its mobile app.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bundle_id: Option<String>,
    /// Further fields.
    #[serde(flatten)]
    pub more: Fields,
}

/// What an app is furnished with. What is `None` is not sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Provision {
    /// The chats to make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rooms: Option<Vec<ProvisionRoom>>,
    /// Further fields.
    #[serde(flatten)]
    pub more: Fields,
}

/// A chat that an app is furnished with. What is `None` is not sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ProvisionRoom {
    /// The title.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// Whether it is pinned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pinned: Option<bool>,
    /// Further fields.
    #[serde(flatten)]
    pub more: Fields,
}

impl Api {
    /// Lists the apps that the token's app may see: `GET /v2/apps`.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`]
    pub fn list_apps(&self, token: &Secret<String>, query: &AppQuery) -> Result<Request, Error> {
        let order = query.order.map(|order| match order {
            Direction::Ascending => "asc",
            Direction::Descending => "desc",
        });
        let order_by = query.order_by.map(|order| match order {
            AppOrder::DisplayName => "displayName",
            AppOrder::CreatedAt => "createdAt",
        });
        let path = Query::of("/v2/apps".to_owned()).number("limit", query.limit).number("offset", query.offset);
        self.request(token, Method::Get, &path.add("order", order).add("orderBy", order_by).path())
    }

    /// Asks for this app: `GET /v2/apps/{appId}`.
    ///
    /// # Errors
    /// [`Error::TokenInvalid`]
    pub fn get_app(&self, token: &Secret<String>) -> Result<Request, Error> {
        self.request(token, Method::Get, &self.scoped(""))
    }

    /// Creates a child of the token's app: `POST /v2/apps`.
    ///
    /// # Errors
    /// [`Error::TextInvalid`], [`Error::FieldRepeated`], [`Error::TokenInvalid`]
    pub fn create_app(&self, token: &Secret<String>, app: &NewApp) -> Result<Request, Error> {
        prose(&app.display_name)?;
        check_texts([&app.domain_name, &app.app_tagline, &app.logo_image, &app.sublogo_image, &app.primary_color, &app.bundle_id])?;
        let known = ["displayName", "domainName", "appTagline", "logoImage", "sublogoImage", "primaryColor", "bundleId"];
        app.more.check_beside(&known)?;
        self.send(token, Method::Post, "/v2/apps", app)
    }

    /// Deletes this app: `DELETE /v2/apps/{appId}`.
    ///
    /// **Its users, its chats and their history go with it.**
    ///
    /// # Errors
    /// [`Error::TokenInvalid`]
    pub fn delete_app(&self, token: &Secret<String>) -> Result<Request, Error> {
        self.request(token, Method::Delete, &self.scoped(""))
    }

    /// Furnishes this app with chats: `POST /v2/apps/{appId}/provision`.
    ///
    /// # Errors
    /// [`Error::TextInvalid`], [`Error::FieldRepeated`], [`Error::TokenInvalid`]
    pub fn provision_app(&self, token: &Secret<String>, provision: &Provision) -> Result<Request, Error> {
        for room in provision.rooms.iter().flatten() {
            check_texts([&room.title])?;
            room.more.check_beside(&["title", "pinned"])?;
        }
        provision.more.check_beside(&["rooms"])?;
        self.send(token, Method::Post, &self.scoped("/provision"), provision)
    }
}

pub(super) fn check_texts<const N: usize>(texts: [&Option<String>; N]) -> Result<(), Error> {
    texts.into_iter().flatten().try_for_each(|text| prose(text).map(|_| ()))
}
