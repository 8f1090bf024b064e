using System.CommandLine;
using Orchestrator.Service.Commands;
using Orchestrator.Service.Hosting;

// The service and the operators' command line are one executable: `orchestrator VERB`.
var root = new RootCommand("Orchestrator: runs heavy jobs, each to exactly one end")
{
    ServeCommand.Create(),
    MigrateCommand.Create(),
    SubmitCommand.Create(),
    QueueCommand.Create(),
    ExtractVerb.Create(),
};

try
{
    return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
}
catch (BrokenSettingsException broken)
{
    await Console.Error.WriteLineAsync(broken.Message);
    return 78; // EX_CONFIG
}

/// <summary>Named so that tests can host it.</summary>
public partial class Program;
