// GET .../report: what its query says, and how a report is answered.
#pragma once

#include <string>
#include <string_view>

#include "io/http/api.hpp"
#include "io/http/api_router.hpp"

namespace surged {

/// format (html, md, json; html), language (zh, en), zone. The error is bad_request.
ApiResult<ReportQuery> read_report_query(std::string_view query);
/// `name`: of the file that a browser keeps it in, without its ending.
HttpResponse report_response(ReportForm form, std::string name, std::string text);

}  // namespace surged
