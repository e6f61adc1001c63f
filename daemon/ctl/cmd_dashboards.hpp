#pragma once

namespace surged {

class CliCommand;
struct Context;

void add_dashboards(CliCommand app, Context& context);

}  // namespace surged
