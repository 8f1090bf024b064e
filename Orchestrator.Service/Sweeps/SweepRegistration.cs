using Orchestrator.AmazonSqs;
using Orchestrator.Service.Delivery;
using Orchestrator.Service.Delivery.Forge;
using Orchestrator.Service.Delivery.Merging;
using Orchestrator.Service.Delivery.Reconcile;
using Orchestrator.Service.Delivery.Tasks;
using Orchestrator.Service.Delivery.Tracker;
using Orchestrator.Service.Hosting;
using Orchestrator.Service.Reaper;
using Quartz;

namespace Orchestrator.Service.Sweeps;

internal static class SweepRegistration
{
    /// <summary>One line for each sweep: what does it, how often, and its switch.</summary>
    private static List<SweepEntry> All(SweepOptions options, ReaperOptions reaper, BusOptions bus, DeliveryOptions delivery, bool reconcile)
    {
        List<SweepEntry> sweeps =
        [
            SweepEntry.Of<NodeSweep>(options.NodeInterval, options.NodeEnabled, nameof(options.NodeEnabled)),
            SweepEntry.Of<ReaperSweep>(reaper.Interval, reaper.Enabled, "Reaper:Enabled"),
            SweepEntry.Of<SanitizerSweep>(reaper.SanitizerInterval, reaper.SanitizerEnabled, "Reaper:SanitizerEnabled"),
            SweepEntry.Of<WakeUpSweep>(options.WakeUpInterval, options.WakeUpEnabled, nameof(options.WakeUpEnabled)),
            SweepEntry.Of<InboxSweep>(options.InboxInterval, options.InboxEnabled, nameof(options.InboxEnabled)),
            SweepEntry.Of<RetentionSweep>(options.RetentionInterval, options.RetentionEnabled, nameof(options.RetentionEnabled)),
        ];
        if (bus.Transport == BusTransport.AmazonSqs)
        {
            sweeps.Add(SweepEntry.Of<JanitorSweep>(options.JanitorInterval, options.JanitorEnabled, nameof(options.JanitorEnabled)));
            sweeps.Add(SweepEntry.Of<DeadLetterSweep>(options.DeadLetterInterval, options.DeadLetterEnabled, nameof(options.DeadLetterEnabled)));
        }

        if (delivery.Enabled)
        {
            sweeps.Add(SweepEntry.Of<TaskSweep>(delivery.SweepInterval, delivery.SweepEnabled, "Delivery:SweepEnabled"));
            sweeps.Add(SweepEntry.Of<MergeLeaseSweep>(delivery.Merging.SweepInterval, delivery.Merging.SweepEnabled, "Delivery:Merging:SweepEnabled"));
            if (reconcile)
                sweeps.Add(SweepEntry.Of<ReconcileSweep>(delivery.Reconcile.Interval, delivery.Reconcile.Enabled, "Delivery:Reconcile:Enabled"));
        }

        return sweeps;
    }

    /// <summary>All sweeps, with their intervals, on Quartz's clustered store: one node carries out a turn, another takes over when it dies.</summary>
    public static void AddSweeps(this IServiceCollection services, SweepOptions options, ReaperOptions reaper, BusOptions bus, DeliveryOptions delivery)
    {
        var servers = OrchestratorHost.Section<ForgeOptions>(services).IsEnabled || OrchestratorHost.Section<TrackerOptions>(services).IsEnabled;
        var sweeps = new SweepList(options.Enabled, All(options, reaper, bus, delivery, servers));
        services.AddSingleton(sweeps);
        services.AddSingleton<SweepRunner>();
        services.AddSingleton<SweepControl>();
        foreach (var sweep in sweeps.All)
            services.AddScoped(sweep.Type);
        if (bus.Transport == BusTransport.AmazonSqs)
        {
            services.AddSingleton(p => new TemporaryQueueJanitor(
                Bus.HostOf(bus), p.GetRequiredService<TimeProvider>(), p.GetRequiredService<ILogger<TemporaryQueueJanitor>>(), p.GetService<RequestCounter>()));
            services.AddSingleton(p => new DeadLetterQueues(Bus.HostOf(bus), p.GetService<RequestCounter>()));
        }

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
            foreach (var sweep in sweeps.All.Where(sweep => sweep.Off is null))
                quartz.AddSweep(sweep);
        });
        services.AddQuartzHostedService(o => o.WaitForJobsToComplete = true);
    }

    private static void AddSweep(this IQuartzBuilder quartz, SweepEntry sweep)
    {
        quartz.AddJob<SweepTurn>(job => job.WithIdentity(sweep.Key).StoreDurably());
        quartz.AddTrigger(trigger => trigger
            .WithIdentity(sweep.Key.Name, sweep.Key.Group)
            .ForJob(sweep.Key)
            .WithSimpleSchedule(s => s.WithInterval(sweep.Interval).RepeatForever().WithMisfireInstruction(SimpleTriggerMisfireInstruction.NextWithRemainingCount)));
    }
}
