// What a file of `surgectl feed poll` says: whom to ask what, how often, and what the answers mean. Validated and immutable.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/report.hpp"
#include "core/base/time.hpp"
#include "core/base/zone.hpp"
#include "feed/poll_mapping.hpp"
#include "feed/poll_template.hpp"
#include "feed/table_document.hpp"

namespace surged {

/// OAuth 2.0 client credentials (RFC 6749 4.4).
struct OAuthPlan {
    std::string url;
    std::string client_id_file;
    std::string client_secret_file;
    std::string scope;
    std::string audience;
    bool in_body = false;  ///< id and secret as fields of the form; false: as HTTP Basic
    std::string ca_file;
    Span timeout = std::chrono::seconds{10};
};

struct AwsPlan {
    std::string region;
    std::string service;
    std::string key_id_file;
    std::string secret_key_file;
    std::string token_file;  ///< of temporary credentials; empty = none
};

/// How an answer says that there is more, and how the rest is asked for.
struct PagingPlan {
    enum class Into : std::uint8_t { url, query, body };
    FieldPath next;  ///< from the document: a token, or a URL of the same host
    Into into = Into::url;
    std::string name;  ///< query: the parameter; body: the member at the body's top
    std::size_t pages_max = 50;
};

struct HttpPlan {
    PollTemplate url;
    std::string method = "GET";
    std::vector<std::pair<std::string, PollTemplate>> headers;
    std::optional<PollTemplate> body;
    std::string oauth;  ///< a name of PollPlan::oauths; empty = none
    std::string user;
    std::optional<PollTemplate> user_from;  ///< of a file
    std::string password_file;
    std::optional<AwsPlan> aws;
    std::optional<PagingPlan> paging;
    std::string ca_file;
    std::size_t bytes_max = std::size_t{8} << 20U;
};

struct DatabasePlan {
    std::string driver;  ///< "sqlite", "postgresql", "mariadb", "odbc"
    std::string path;    ///< sqlite: the file
    std::string host;
    int port = 0;
    std::string name;  ///< of the database
    std::string user;
    std::string password_file;
    std::string connection;  ///< odbc: its connection string; postgresql: more of its keywords
    std::string ca_file;
};

struct SqlPlan {
    std::string database;  ///< a name of PollPlan::databases
    PollTemplate query;
};

/// Files that somebody drops into a folder.
struct FolderPlan {
    std::string folder;
    std::string pattern = "*.csv";
};

enum class DocumentFormat : std::uint8_t { json, csv, xml };

struct AskPlan {
    enum class Kind : std::uint8_t { http, sql, file, folder };
    std::string id;
    Kind kind = Kind::http;
    Span every = std::chrono::seconds{15};
    Span timeout = std::chrono::seconds{10};
    HttpPlan http;
    SqlPlan sql;
    std::string file;
    FolderPlan folder;
    DocumentFormat format = DocumentFormat::json;
    CsvForm csv;
    MapRule map;
    std::optional<PollTemplate> fixed_period;
    Span slot = std::chrono::minutes{30};         ///< what ${slot} means
    Span age_max = std::chrono::minutes{5};       ///< an older document is not sent
    Span spread{0};                               ///< what is new counts little by little within this
    Span forget_after = std::chrono::hours{168};  ///< a queue that no answer has had for so long
    Place place{};
};

struct PollPlan {
    std::string source;
    std::string state;  ///< file; empty = the caller's
    Span resume_within = std::chrono::minutes{15};
    Zone zone;
    std::string base_dir;  ///< names of files are relative to it
    std::map<std::string, OAuthPlan> oauths;
    std::map<std::string, DatabasePlan> databases;
    std::vector<AskPlan> asks;
};

struct LoadedPollPlan {
    PollPlan plan;
    std::vector<Diagnostic> findings;  ///< errors and warnings with their places
    bool good = false;
};

/// Reads and checks a file; nothing of what it names is opened.
LoadedPollPlan load_poll_plan(const std::string& path);
LoadedPollPlan parse_poll_plan(const std::string& name, const std::string& text);

}  // namespace surged
