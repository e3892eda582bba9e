return await Sfu.Hosting.ServerHost.RunAsync(args).ConfigureAwait(false);
