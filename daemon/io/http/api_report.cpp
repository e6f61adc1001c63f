#include "io/http/api_report.hpp"

#include "io/http/query.hpp"
#include "wire/json_text.hpp"

namespace surged {

namespace {

constexpr std::size_t zone_bytes_max = 64;

tl::unexpected<ApiError> bad_report(const char* message) {
    return tl::unexpected<ApiError>(ApiError{"bad_request", message});
}

}  // namespace

ApiResult<ReportQuery> read_report_query(std::string_view query) {
    ReportQuery out;
    const auto form = query_value(query, "format").value_or("html");
    if (form != "html" && form != "md" && form != "json") {
        return bad_report("format must be html, md or json");
    }
    out.form = form == "html" ? ReportForm::html : form == "md" ? ReportForm::text : ReportForm::json;
    if (const auto language = query_value(query, "language")) {
        if (*language != "zh" && *language != "en") {
            return bad_report("language must be zh or en");
        }
        out.language = *language == "zh" ? Language::zh : Language::en;
    }
    out.zone = query_value(query, "zone").value_or("");
    if (out.zone.size() > zone_bytes_max) {
        return bad_report("zone is no name of a time zone");
    }
    return out;
}

ApiResult<PeriodQuery> read_period_query(std::string_view query) {
    const auto form = read_report_query(query);
    if (!form) {
        return tl::unexpected(form.error());
    }
    PeriodQuery out;
    out.report = *form;
    for (const auto& [name, text] : {std::pair("from", &out.from), std::pair("to", &out.to), std::pair("month", &out.month), std::pair("week", &out.week)}) {
        *text = query_value(query, name).value_or("");
    }
    return out;
}

HttpResponse period_response(const PeriodQuery& query, PeriodText made) {
    if (made.made) {
        return report_response(query.report.form, "surged-report-" + made.name, std::move(made.text));
    }
    HttpResponse response;
    constexpr int accepted = 202;
    response.status = accepted;
    JsonWriter(response.body).begin_object().field("percent", made.percent).field("stage", made.stage).end_object();
    response.headers.emplace_back("Retry-After", "1");
    return response;
}

HttpResponse report_response(ReportForm form, std::string name, std::string text) {
    HttpResponse response;
    response.body = std::move(text);
    name += form == ReportForm::html ? ".html" : form == ReportForm::text ? ".md" : ".json";
    if (form != ReportForm::json) {
        response.content_type = form == ReportForm::html ? "text/html; charset=utf-8" : "text/markdown; charset=utf-8";
    }
    response.headers.emplace_back("Content-Disposition", "inline; filename=\"" + name + "\"");
    // The page has a style and drawings, and nothing of it runs or asks anybody.
    response.headers.emplace_back("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    return response;
}

}  // namespace surged
