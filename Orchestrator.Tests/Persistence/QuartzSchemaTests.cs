using System.Data.Common;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using Orchestrator.Persistence.Migrations;
using Orchestrator.Tests.Infrastructure;
using Quartz;

namespace Orchestrator.Tests.Persistence;

public sealed class QuartzSchemaTests
{
    [Fact]
    public async Task A_clustered_scheduler_finds_its_tables_and_runs_a_durable_job()
    {
        var environment = await Shared.Environment;
        await using var database = NpgsqlDataSource.Create(await environment.CreateDatabaseAsync(Shared.Unique("quartz")));
        await Migrator.ApplyAsync(database);
        using var host = Build(database);

        await host.StartAsync();
        await host.Services.GetRequiredService<Signal>().Fired.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System);
        await host.StopAsync();

        Assert.Equal(1L, await database.CreateCommand("SELECT count(*) FROM quartz.qrtz_job_details").ExecuteScalarAsync());
        Assert.Equal(15L, await database.CreateCommand("SELECT count(*) FROM pg_tables WHERE schemaname = 'quartz'").ExecuteScalarAsync());
    }

    [Fact]
    public async Task A_scheduler_refuses_a_database_where_a_table_is_missing()
    {
        var environment = await Shared.Environment;
        await using var database = NpgsqlDataSource.Create(await environment.CreateDatabaseAsync(Shared.Unique("quartz")));
        await Migrator.ApplyAsync(database);
        await database.CreateCommand("DROP TABLE quartz.qrtz_misfire_history").ExecuteNonQueryAsync();
        using var host = Build(database);

        var error = await Assert.ThrowsAnyAsync<Exception>(() => host.StartAsync());

        Assert.Contains("misfire_history", error.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static IHost Build(NpgsqlDataSource database)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Services.AddSingleton<DbDataSource>(database);
        builder.Services.AddSingleton<Signal>();
        builder.Services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler => scheduler.InstanceId = Shared.Unique("node"));
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(postgres => postgres.UseRegisteredDataSource = true);
                store.UseClustering(_ => { });
                store.UseExecutionHistory();
                store.ConfigureStore(options =>
                {
                    options.TablePrefix = "quartz.qrtz_";
                    options.SchemaProvisioning = SchemaProvisioning.Validate;
                });
            });
            quartz.AddJob<SignalJob>(job => job.WithIdentity("signal").StoreDurably().RequestRecovery());
            quartz.AddTrigger(trigger => trigger.ForJob("signal").StartNow());
        });
        builder.Services.AddQuartzHostedService(options => options.WaitForJobsToComplete = true);
        return builder.Build();
    }

    private sealed class Signal
    {
        public TaskCompletionSource Fired { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class SignalJob(Signal signal) : IJob
    {
        public ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
        {
            signal.Fired.TrySetResult();
            return ValueTask.CompletedTask;
        }
    }
}
