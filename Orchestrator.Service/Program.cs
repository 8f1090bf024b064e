using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Orchestrator.Service.Commands;
using Orchestrator.Service.Hosting;

// The service and the operators' command line are one executable: `orchestrator VERB`.
var root = new Command("orchestrator", "Runs heavy jobs, each to exactly one end")
{
    new HelpOption(),
    new VersionOption(),
    ServeCommand.Create(),
    MigrateCommand.Create(),
    SubmitCommand.Create(),
    QueueCommand.Create(),
    ExtractVerb.Create(),
    ClassifyVerb.Create(),
    ClassifyRunVerb.Create(),
};

try
{
    var parsed = root.Parse(args);
    if (parsed.Action is ParseErrorAction)
    {
        parsed.Invoke(new InvocationConfiguration { Output = Console.Error }); // the help, too: whoever reads the output wants a verb's
        return 64; // EX_USAGE
    }
    // The library would end the process two seconds after a SIGTERM, in the middle of a drain; the host stops in its own time.
    return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
}
catch (BrokenSettingsException broken)
{
    await Console.Error.WriteLineAsync(broken.Message);
    return 78; // EX_CONFIG
}
catch (Exception failure) when (Refusal.Of(failure, () => OrchestratorHost.Section<DatabaseOptions>(OrchestratorHost.CreateBuilder([]).Services)) is { } refusal)
{
    await Console.Error.WriteLineAsync(refusal.Sentence);
    return refusal.ExitCode;
}

/// <summary>Named so that tests can host it.</summary>
public partial class Program;
