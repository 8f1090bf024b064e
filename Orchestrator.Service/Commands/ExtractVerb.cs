using System.CommandLine;
using Orchestrator.Service.Documents;
using Orchestrator.Service.Documents.Reading;

namespace Orchestrator.Service.Commands;

/// <summary>Reads files without queue and database, to see what the workers would read.</summary>
internal static class ExtractVerb
{
    public static Command Create()
    {
        var files = new Argument<string[]>("FILE") { Description = "PDF or XML files", Arity = ArgumentArity.OneOrMore };
        var command = new Command("extract", "Read invoices from files and print one line of JSON for each; 1 if any can't be read") { files };
        command.SetAction(async (arguments, cancellation) =>
        {
            var services = new ServiceCollection();
            services.AddLogging(logging => logging.AddSimpleConsole().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).SetMinimumLevel(LogLevel.Warning));
            services.AddReading(new DocumentsOptions());
            await using var provider = services.BuildServiceProvider();
            return await provider.GetRequiredService<ExtractCommand>().RunAsync(arguments.GetValue(files)!, Console.Out, cancellation);
        });
        return command;
    }
}
