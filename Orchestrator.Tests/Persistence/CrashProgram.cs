using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Orchestrator.Tests.Persistence;

/// <summary>
/// The process that <see cref="CrashTests"/> kills: it finishes one chore, whose message goes through the outbox to a consumer. On the way
/// stand two barriers, which are advisory locks; where the test holds one, the process waits until it is killed or let through.
/// </summary>
internal static class CrashProgram
{
    public const string ConnectionStringVariable = "CHORES";
    public const long BeforeSend = 1;
    public const long WhileConsuming = 2;
    public const long TestIsOver = 3;

    public static async Task<int> Main(string[] arguments)
    {
        if (arguments is [Crash.CrashNode.Argument])
            return await Crash.CrashNode.RunAsync();
        if (arguments is not ["crash", var id])
            return 2;

        await using var host = await ChoreHost.StartAsync(
            Environment.GetEnvironmentVariable(ConnectionStringVariable),
            bus: x => x.AddConsumer<ChoreDoneConsumer>(),
            configureBus: (context, cfg) => cfg.ConfigureSend(send => send.UseFilter(new SendBarrier(context.GetRequiredService<NpgsqlDataSource>()))),
            services: services => services.AddSingleton(provider => new Arrivals
            {
                Consuming = () => PassAsync(provider.GetRequiredService<NpgsqlDataSource>(), WhileConsuming),
            }));
        var chore = Guid.Parse(arguments[1]);
        await host.Door.RaiseAsync(new ChoreRequested(chore));
        await host.Door.RaiseAsync(new ChoreClaimed(chore, RunId: 1));
        await host.Door.RaiseAsync(new ChoreFinished(chore));

        // Until it is killed, or the test ends in any way and with it its connection.
        await PassAsync(host.Database, TestIsOver);
        return 0;
    }

    private static async Task PassAsync(NpgsqlDataSource database, long barrier)
    {
        await using var command = database.CreateCommand("SELECT pg_advisory_xact_lock_shared($1)");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = barrier });
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync();
    }

    private sealed class SendBarrier(NpgsqlDataSource database) : IFilter<SendContext>
    {
        public async Task Send(SendContext context, IPipe<SendContext> next)
        {
            await PassAsync(database, BeforeSend);
            await next.Send(context);
        }

        public void Probe(ProbeContext context)
        {
        }
    }
}
