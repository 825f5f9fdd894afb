//! Register, log in, log out, and who am I.

use std::sync::Arc;

use http::HeaderMap;
use poem::web::Data;
use poem_openapi::payload::Json;
use poem_openapi::{ApiResponse, OpenApi};

use super::App;
use super::answers::{Done, LoggedIn, SignedUp, UserBrief, UserInfo, Verified};
use super::inputs::{LoginInput, MaybeJson, RegisterInput, SessionInput};
use super::session::{Credentials, SignedIn, clear_cookie, set_cookie};
use crate::accounts::{Registered, SessionToken};
use crate::lang::Lang;
use crate::problem::{Code, FieldFault, Problem};

/// Members and their sessions.
pub(super) struct AccountApi;

#[derive(ApiResponse)]
enum Register {
    /// A new member, logged in.
    #[oai(status = 201)]
    Created(Json<SignedUp>, #[oai(header = "Set-Cookie")] String),
}

#[derive(ApiResponse)]
enum LogIn {
    /// Logged in.
    #[oai(status = 200)]
    Ok(Json<LoggedIn>, #[oai(header = "Set-Cookie")] String),
}

#[derive(ApiResponse)]
enum LogOut {
    /// Logged out.
    #[oai(status = 200)]
    Ok(Json<Done>, #[oai(header = "Set-Cookie")] String),
}

#[OpenApi]
impl AccountApi {
    /// Make an account and log in
    #[oai(path = "/register", method = "post", operation_id = "register")]
    async fn register(
        &self,
        app: Data<&Arc<App>>,
        headers: &HeaderMap,
        input: Json<RegisterInput>,
    ) -> Result<Register, Problem> {
        let new = input.0.checked(app.clock.now())?;
        let (member, token) = match app.accounts.register(new).await? {
            Registered::Member(member, token) => (member, token),
            Registered::EmailTaken => {
                let fields = vec![("email", FieldFault::EmailTaken)];
                return Err(Problem::in_fields(Code::EmailTaken, fields));
            }
        };
        let message = Lang::preferred(headers).pick("Welcome.", "会員登録が完了しました。");
        let answer = SignedUp {
            success: true,
            message: message.to_owned(),
            user: UserBrief::from(&member),
            session_token: token.expose().to_owned(),
        };
        Ok(Register::Created(
            Json(answer),
            set_cookie(&token, app.is_https),
        ))
    }

    /// Log in
    #[oai(path = "/login", method = "post", operation_id = "login")]
    async fn log_in(
        &self,
        app: Data<&Arc<App>>,
        headers: &HeaderMap,
        input: Json<LoginInput>,
    ) -> Result<LogIn, Problem> {
        let (email, password) = input.0.checked()?;
        let found = app.accounts.log_in(&email, password).await?;
        let (member, token) = found.ok_or(Problem::new(Code::WrongCredentials))?;
        let message = Lang::preferred(headers).pick("You are logged in.", "ログインしました。");
        let answer = LoggedIn {
            success: true,
            message: message.to_owned(),
            user: UserBrief::from(&member),
            user_id: member.id,
            user_name: member.name,
            user_email: member.email,
            session_token: token.expose().to_owned(),
        };
        Ok(LogIn::Ok(Json(answer), set_cookie(&token, app.is_https)))
    }

    /// Log out
    #[oai(path = "/logout", method = "post", operation_id = "logout")]
    async fn log_out(
        &self,
        app: Data<&Arc<App>>,
        headers: &HeaderMap,
        credentials: Credentials,
        input: MaybeJson<SessionInput>,
    ) -> Result<LogOut, Problem> {
        let token = credentials.unless(in_body(&input));
        let token = token.ok_or(Problem::new(Code::NotSignedIn))?;
        if !app.accounts.log_out(&token).await? {
            return Err(Code::NotSignedIn.into());
        }
        let message = Lang::preferred(headers).pick("You are logged out.", "ログアウトしました。");
        let answer = Done {
            success: true,
            message: message.to_owned(),
        };
        Ok(LogOut::Ok(Json(answer), clear_cookie(app.is_https)))
    }

    /// Whose session is it?
    #[oai(
        path = "/verify-session",
        method = "get",
        operation_id = "verifySession"
    )]
    async fn verify_session(
        &self,
        app: Data<&Arc<App>>,
        headers: &HeaderMap,
        credentials: Credentials,
    ) -> Result<Json<Verified>, Problem> {
        app.verified(headers, credentials.unless(None)).await
    }

    /// Whose session is it? With the token in the body
    #[oai(
        path = "/verify-session",
        method = "post",
        operation_id = "verifySessionPost"
    )]
    async fn verify_session_post(
        &self,
        app: Data<&Arc<App>>,
        headers: &HeaderMap,
        credentials: Credentials,
        input: MaybeJson<SessionInput>,
    ) -> Result<Json<Verified>, Problem> {
        app.verified(headers, credentials.unless(in_body(&input)))
            .await
    }

    /// What we know of the member
    #[oai(path = "/user-info", method = "get", operation_id = "userInfo")]
    async fn user_info(&self, member: SignedIn) -> Result<Json<UserInfo>, Problem> {
        Ok(user_info(member))
    }

    /// What we know of the member
    #[oai(path = "/user-info", method = "post", operation_id = "userInfoPost")]
    async fn user_info_post(&self, member: SignedIn) -> Result<Json<UserInfo>, Problem> {
        Ok(user_info(member))
    }
}

fn in_body(input: &MaybeJson<SessionInput>) -> Option<&str> {
    input.0.as_ref()?.session_token.as_deref()
}

fn user_info(member: SignedIn) -> Json<UserInfo> {
    Json(UserInfo {
        success: true,
        user: member.0.into(),
    })
}

impl App {
    async fn verified(
        &self,
        headers: &HeaderMap,
        token: Option<SessionToken>,
    ) -> Result<Json<Verified>, Problem> {
        let member = self.member(token.as_ref()).await?;
        let message = Lang::preferred(headers).pick("You are logged in.", "ログインしています。");
        Ok(Json(Verified {
            success: true,
            message: message.to_owned(),
            user_id: member.id,
        }))
    }
}
