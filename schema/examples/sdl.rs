fn main() {
    print!("{}", skuery_schema::system::sdl());
}
