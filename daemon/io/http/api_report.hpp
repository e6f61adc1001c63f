// GET .../report: what its query says, and how a report is answered.
#pragma once

#include <string>
#include <string_view>

#include "io/http/api.hpp"
#include "io/http/api_router.hpp"

namespace surged {

/// format (html, md, json; html), language (zh, en), zone. The error is bad_request.
ApiResult<ReportQuery> read_report_query(std::string_view query);
/// from, to, month, week beside those.
ApiResult<PeriodQuery> read_period_query(std::string_view query);
/// The summary; 202 with `{"percent","stage"}` while it is being made.
HttpResponse period_response(const PeriodQuery& query, PeriodText made);
/// `name`: of the file that a browser keeps it in, without its ending.
HttpResponse report_response(ReportForm form, std::string name, std::string text);

}  // namespace surged
