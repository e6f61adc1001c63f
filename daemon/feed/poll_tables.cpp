// Answers out of databases, and text of any format as a document.
#include "core/base/foreign_text.hpp"
#include "feed/poll_source.hpp"
#include "io/sql/open_sql.hpp"
#include "io/store/query/sqlite_query.hpp"

namespace surged {
namespace {

class SqlSource final : public PollSource {
public:
    SqlSource(const AskPlan& ask, const PollWorld& world)
        : ask_(ask),
          world_(world),
          database_(world.plan.databases.at(ask.sql.database)),
          read_secret_(secrets_of(world.plan, world.credentials_dir)) {}

    Result<PollAnswer, PollTrouble> ask(std::int64_t now_ms) override {
        const TemplateTimes times{now_ms, ask_.slot, &world_.plan.zone};
        PollDocument document;
        const auto query = ask_.sql.query.fill(times, read_secret_);
        if (!query) {
            return tl::unexpected(PollTrouble{query.error().message});
        }
        if (ask_.fixed_period) {
            document.period = ask_.fixed_period->fill(times, read_secret_).value_or("");
        }
        auto table = run(*query);
        if (!table) {
            connection_.reset();  // it is opened anew for the next ask
            return tl::unexpected(PollTrouble{table.error().message});
        }
        document.document = rows_of(std::move(*table));
        PollAnswer answer;
        answer.documents.push_back(std::move(document));
        return answer;
    }

private:
    Result<SqlTable> run(const std::string& query) {
        if (!connection_) {
            auto opened = open();
            if (!opened) {
                return fail("database " + ask_.sql.database + ": " + opened.error().message);
            }
            connection_ = std::move(*opened);
        }
        auto table = connection_->query(query, ask_.timeout, world_.stop);
        if (!table) {
            return fail("database " + ask_.sql.database + ": " + table.error().message);
        }
        return table;
    }

    Result<std::unique_ptr<SqlConnection>> open() const {
        SqlTarget target;
        target.driver = database_.driver;
        target.path = database_.path.empty() ? "" : poll_path(world_.plan, database_.path);
        target.host = database_.host;
        target.port = database_.port;
        target.name = database_.name;
        target.user = database_.user;
        target.connection = database_.connection;
        target.ca_file = database_.ca_file.empty() ? "" : poll_path(world_.plan, database_.ca_file);
        target.connect_timeout = ask_.timeout;
        if (!database_.password_file.empty()) {
            auto password = read_secret_(database_.password_file);
            if (!password) {
                return tl::unexpected(password.error());
            }
            target.password = *password;
        }
        return database_.driver == "sqlite" ? open_sqlite_query(target) : open_sql(target);
    }

    static JsonValue rows_of(SqlTable table) {
        JsonValue::Array rows;
        rows.reserve(table.rows.size());
        for (auto& from : table.rows) {
            JsonValue::Object row;
            for (std::size_t i = 0; i < from.size() && i < table.columns.size(); ++i) {
                row.insert_or_assign(table.columns[i],
                                     from[i] ? JsonValue(std::in_place_type<std::string>, std::move(*from[i])) : JsonValue());
            }
            rows.emplace_back(std::in_place_type<JsonValue::Object>, std::move(row));
        }
        return JsonValue(std::in_place_type<JsonValue::Array>, std::move(rows));
    }

    const AskPlan& ask_;
    PollWorld world_;
    const DatabasePlan& database_;
    ReadSecretText read_secret_;
    std::unique_ptr<SqlConnection> connection_;
};

}  // namespace

std::unique_ptr<PollSource> open_sql_source(const AskPlan& ask, const PollWorld& world) {
    return std::make_unique<SqlSource>(ask, world);
}

Result<JsonValue> read_poll_document(const AskPlan& ask, std::string_view text, TableFaults& faults) {
    switch (ask.format) {
        case DocumentFormat::csv: {
            // Exports of Windows are UTF-16 or GB18030; what is none of all this costs its lines.
            const auto plain = text_to_utf8(text);
            return csv_document(plain ? *plain : text, ask.csv, faults);
        }
        case DocumentFormat::xml: return xml_document(text);
        case DocumentFormat::json: break;
    }
    return parse_json(text, JsonLimits{.bytes = std::size_t{64} << 20U, .depth = 64, .values = 2'000'000});
}

}  // namespace surged
