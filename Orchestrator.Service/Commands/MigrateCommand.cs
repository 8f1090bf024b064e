using System.CommandLine;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Service.Hosting;

namespace Orchestrator.Service.Commands;

internal static class MigrateCommand
{
    public static Command Create()
    {
        var dryRun = new Option<bool>("--dry-run") { Description = "Say what would be applied, and change nothing" };
        var command = new Command("migrate", "Bring the database to this version's schema") { dryRun };
        command.SetAction(async (arguments, cancellation) =>
        {
            var builder = OrchestratorHost.CreateBuilder([]);
            await using var app = builder.Build();
            var done = await Migrator.ApplyAsync(app.Services.GetRequiredService<NpgsqlDataSource>(), arguments.GetValue(dryRun), cancellation);
            foreach (var file in done.Applied)
                Console.WriteLine($"applied {file}");
            foreach (var file in done.Pending)
                Console.WriteLine($"would apply {file}");
            if (done is { Applied.Count: 0, Pending.Count: 0 })
                Console.WriteLine("nothing to do: the schema is this version's");
            return 0;
        });
        return command;
    }
}
