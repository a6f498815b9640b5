"""Who somebody is and how that is proven: users, sign-in, sessions, second factors, step-up."""
