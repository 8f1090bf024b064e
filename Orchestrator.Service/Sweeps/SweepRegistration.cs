using Orchestrator.AmazonSqs;
using Orchestrator.Service.Hosting;
using Quartz;

namespace Orchestrator.Service.Sweeps;

internal static class SweepRegistration
{
    /// <summary>All sweeps, with their intervals, on Quartz's clustered store: one node carries out a turn, another takes over when it dies.</summary>
    public static void AddSweeps(this IServiceCollection services, SweepOptions options, BusOptions bus)
    {
        if (!options.Enabled)
            return;
        services.AddQuartz(quartz =>
        {
            quartz.UsePersistentStore(store =>
            {
                store.UsePostgres(postgres => postgres.UseRegisteredDataSource = true);
                store.UseClustering(cluster =>
                {
                    cluster.CheckinInterval = TimeSpan.FromSeconds(5);
                    cluster.CheckinMisfireThreshold = TimeSpan.FromSeconds(10);
                });
            });
            quartz.ConfigureOptions<AdoJobStoreOptions>(o =>
            {
                o.TablePrefix = "quartz.qrtz_"; // the schema of migration 0002
                o.SchemaProvisioning = SchemaProvisioning.Validate;
            });
            quartz.ConfigureOptions<QuartzSchedulerOptions>(o => o.GenerateInstanceId = true);
            quartz.ConfigureOptions<QuartzOptions>(o => o.Scheduling.OverwriteExistingData = true); // the code is the truth
            quartz.AddSweep<NodeSweep>(options.NodeInterval);
            quartz.AddSweep<WakeUpSweep>(options.WakeUpInterval);
            quartz.AddSweep<InboxSweep>(options.InboxInterval);
            if (bus.Transport == BusTransport.AmazonSqs)
                quartz.AddSweep<JanitorSweep>(options.JanitorInterval);
        });
        if (bus.Transport == BusTransport.AmazonSqs)
            services.AddSingleton(p => new TemporaryQueueJanitor(
                Bus.HostOf(bus), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<TemporaryQueueJanitor>>(), p.GetService<RequestCounter>()));
        services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
    }

    private static void AddSweep<T>(this IQuartzBuilder quartz, TimeSpan interval) where T : Sweep
    {
        var key = new JobKey(typeof(T).Name, "sweeps");
        quartz.AddJob<T>(job => job.WithIdentity(key).StoreDurably());
        quartz.AddTrigger(trigger => trigger
            .WithIdentity(typeof(T).Name, "sweeps")
            .ForJob(key)
            .WithSimpleSchedule(s => s.WithInterval(interval).RepeatForever().WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount)));
    }
}
